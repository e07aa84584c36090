import { switchRules } from "../simulator/engine/switches";
import { ApiClient, outcomeOf } from "./api-client";
import type { ContractServer } from "./contract-server";
import { NotAsked, type Answer, type Probe, type Verdict } from "./probe";
import { sweep, type Place, type Swept } from "./sweep";
import { Wire } from "./wire";
import { World, type Row, type Surroundings } from "./world";

/** How a server is asked. */
export interface ContractOptions {
  /** Also what is not confined to names under the prefix. The default is false. */
  beyond?: boolean;
  /** Aborted, no further question is asked and what waits ends. */
  signal?: AbortSignal;
}

/** One server, logged in to and free of what an earlier run has left: what asks it questions. */
export class Contract {
  private constructor(
    private readonly around: Surroundings,
    private readonly role: string,
    private readonly beyond: boolean,
    /** How the server calls itself. */
    readonly product: string,
    /** What was removed before the first question. */
    readonly leftovers: Swept,
  ) {}

  /**
   * Logs in, finds the domain and removes the leftovers. Throws when one of that is not possible, and when something
   * under the prefix is not ours.
   */
  static async open(server: ContractServer, { beyond = false, signal = neverAborted() }: ContractOptions = {}) {
    const api = new ApiClient(new Wire(server), server);
    const { userDetails } = await api.call<{ userDetails: { effectiveRole: { userRole: string } } }>("Session.whoAmI");
    const { list } = await api.call<{ list: Row[] }>("Domains.get", { query: {} });
    const domain = list.find((each) => String(each["name"]).toLowerCase() === server.domain);
    if (!domain) throw new Error(`the server has no domain ${server.domain}`);
    const known = { id: domain.id, name: server.domain };
    const mailboxes = await mailboxesOf(api, server.domain);
    const leftovers = await sweep(api, { prefix: server.prefix, domain: known, mailboxes });
    if (leftovers.foreign.length > 0) {
      throw new Error(
        `these begin with ${server.prefix} and are not ours: ${leftovers.foreign.join(", ")}; ` +
          "choose another KERIO_CONTRACT_PREFIX",
      );
    }
    const around = { api, server, domain: known, mailboxes, signal };
    return new Contract(around, userDetails.effectiveRole.userRole, beyond, await productOf(api), leftovers);
  }

  /** Asks one question and removes what it has made. Never throws: a question that fails is an answer, too. */
  async ask(area: string, index: number, probe: Probe): Promise<Answer> {
    const notNow = this.reasonNotTo(probe);
    if (notNow !== undefined) return { area, probe, verdict: "not asked", seen: notNow };
    const world = new World(this.around, `${area}${index + 1}`);
    let answer: Answer;
    try {
      answer = { area, probe, ...(await judged(probe, world)) };
    } catch (error) {
      answer = { area, probe, ...this.failure(error) };
    }
    try {
      await world.cleanUp();
    } catch (error) {
      const seen = `${answer.seen}; afterwards ${textOf(error)}`;
      answer = { ...answer, verdict: "failed", seen };
    }
    return { ...answer, seen: this.scrub(answer.seen) };
  }

  /** Removes everything under the prefix and logs out. Throws when something stays. */
  async close(): Promise<Swept> {
    const { api, server, domain, mailboxes } = this.around;
    const place: Place = { prefix: server.prefix, domain, mailboxes };
    const swept = await sweep(api, place);
    await api.logout();
    return swept;
  }

  /** A text without any password, token or cookie of this run. */
  scrub(text: string): string {
    return [...this.around.api.secrets]
      .filter((secret) => secret.length > 0)
      .reduce((clean, secret) => clean.replaceAll(secret, "(secret)"), text);
  }

  private reasonNotTo(probe: Probe): string | undefined {
    if (this.around.signal.aborted) return "the run was interrupted";
    if (probe.beyond !== undefined && !this.beyond) return `it ${probe.beyond}: asked with --beyond only`;
    if (probe.needs?.includes("smtp") && !this.around.server.smtp) return "no address for mail was given";
    if (probe.needs?.includes("full-admin") && !["FullAdmin", "BuiltInAdmin"].includes(this.role)) {
      return `the login is ${this.role}, and only a full administrator may do it`;
    }
    return undefined;
  }

  private failure(error: unknown): { verdict: Verdict; seen: string } {
    if (this.around.signal.aborted) return { verdict: "not asked", seen: "the run was interrupted" };
    return { verdict: error instanceof NotAsked ? "not asked" : "failed", seen: textOf(error) };
  }
}

async function judged(probe: Probe, world: World): Promise<{ verdict: Verdict; seen: string; value?: string }> {
  if ("settles" in probe) {
    const { value, seen } = await probe.ask(world);
    if (value === undefined) return { verdict: "not as assumed", seen };
    return { verdict: value === switchRules[probe.settles].standard ? "as expected" : "switch", seen, value };
  }
  const { holds, seen } = await probe.ask(world);
  return { verdict: holds ? "as expected" : probe.open ? "not as assumed" : "fact wrong", seen };
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return `${error.message}: ${error.errors.map(textOf).join("; ")}`;
  return error instanceof Error ? error.message : String(error);
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

async function mailboxesOf(api: ApiClient, domain: string): Promise<string | undefined> {
  const asked = api.call<{ options: { storeDirectory: { storePath: string } } }>("AdvancedOptions.get");
  const store = (await outcomeOf(asked)).result?.options.storeDirectory.storePath;
  return store === undefined ? undefined : `${store.replace(/\/+$/, "")}/mail/${domain}`;
}

async function productOf(api: ApiClient): Promise<string> {
  const { product, version } = await api.call<{ product?: string; version?: string }>("Server.getVersion");
  return [product, version].filter((each) => each !== undefined).join(" ");
}
