import { availableParallelism } from "node:os";
import type { Alias } from "../kerio/methods/aliases";
import type { User } from "../kerio/methods/users";
import { explainTogether } from "./explain";
import type { Journal } from "./journal";
import type { MailServer } from "./mail-server";
import type { Patience } from "./patience";
import { previewNewcomer, previewRename, type NewcomerPreview } from "./preview";
import type { RenameQuestion } from "./questions";
import type { Waking } from "./seats";
import type { AnnouncedRename, Findings } from "./user-request";
import { keyOf } from "./waiting";

/** What an update makes of names, as far as it is known when a preview asks. */
export interface NamesOfUpdate {
  isDeclared(domain: string, name: string): boolean;
  /** Whether a rename that is done or to come frees the name. */
  becomesFree(domain: string, name: string): boolean;
  /** Whether a rename that is to come starts from the account of that id. */
  isPendingSource(userId: string): boolean;
  /** Whether an alias makes room for who gets its name. */
  givesWay(domain: string, alias: Alias): boolean;
}

/** The preview's questions about the people of one server, one after the other, with what each leaves for the next ones. */
export class UpdatePreview {
  /** Renames that the questions were about and that nothing speaks against, by old name. */
  private readonly asked = new Map<string, AnnouncedRename>();
  /** The old names of renames that were refused: they do not become free. The first check of a resource knows no id. */
  private readonly refused = new Set<string>();
  private readonly newcomers = new Map<string, Set<string>>();
  private readonly waking: Waking = new Map();

  constructor(
    private readonly server: MailServer,
    private readonly journal: Journal,
    private readonly patience: Patience,
    private readonly names: NamesOfUpdate,
  ) {}

  /** The new name of a rename that was asked about; undefined where none from that name was. */
  targetOf(domain: string, from: string): string | undefined {
    return this.asked.get(keyOf(domain, from))?.to;
  }

  /** The questions about a rename; reads only. */
  async ofRename(rename: RenameQuestion): Promise<Findings & { explanation: string; together: string }> {
    const source = keyOf(rename.domain, rename.from);
    const makesWay = (bearer: User) =>
      !this.refused.has(keyOf(rename.domain, bearer.loginName)) &&
      (this.names.isPendingSource(bearer.id) || ("perhaps" as const));
    const givesWay = (alias: Alias) => this.names.givesWay(rename.domain, alias);
    // An id says who is meant; names alone may mean a rename that was done before.
    const isNamed = rename.fromId === undefined && !rename.isKnown;
    const before = isNamed ? await this.journal.everything() : { snapshots: [], warnings: [] };
    const question = { ...rename, makesWay, givesWay, waking: this.waking, snapshots: before.snapshots };
    const hasNewBearer = this.names.isDeclared(rename.domain, rename.from);
    const preview = () => previewRename(this.server, question, hasNewBearer, this.newcomers);
    const findings = await this.patience.ask(preview);
    findings.warnings.push(...before.warnings);
    // A rename that stopped half-way looks like one that cannot be begun. Where the host cannot tell, the refusals stand.
    if (findings.refusals.length === 0 || !(await this.journal.isUnheard(rename).catch(() => false))) {
      if (findings.refusals.length === 0) this.asked.set(source, rename);
      if (findings.refusals.length > 0) this.refused.add(source);
      else this.refused.delete(source);
      return { ...findings, together: explainTogether([...this.asked.values()], slots()) };
    }
    const { domain, from, to } = rename;
    const explanation =
      `The rename of ${from}@${domain} to ${to}@${domain} was begun by an earlier run, whose result was never heard. This ` +
      `update finds out how far it came, and finishes what is left of it.`;
    return { refusals: [], warnings: [], explanation, together: "" };
  }

  /** The questions about a new user; reads only. */
  ofNewcomer(newcomer: NewcomerPreview): Promise<Findings> {
    const { domain, name } = newcomer;
    const here = this.newcomers.get(domain) ?? new Set<string>();
    if (newcomer.enabled ?? true) this.newcomers.set(domain, here.add(name.toLowerCase()));
    // What the rename left under the name is put right by the create, which looks again.
    const becomesFree = this.names.becomesFree(domain, name);
    return this.patience.ask(() => previewNewcomer(this.server, newcomer, becomesFree, this.newcomers, this.waking));
  }
}

/** How many steps the engine begins at once, as far as a plugin can know: `--parallel` is not told. */
function slots(): number {
  return Number(process.env.PULUMI_PARALLEL) || 4 * availableParallelism();
}
