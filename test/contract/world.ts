import { randomBytes } from "node:crypto";
import { createTransport } from "nodemailer";
import { ApiError, outcomeOf, type ApiClient, type CallOptions } from "./api-client";
import { mark, remove, type Kind, type Made } from "./cleanup";
import type { ContractServer } from "./contract-server";
import { NotAsked } from "./probe";

/** An account that was made for a question. */
export interface Account {
  id: string;
  loginName: string;
  password: string;
  address: string;
}

/** What a bulk create answers. */
export interface Created {
  errors: { inputIndex: number; code: number; message: string }[];
  result: { inputIndex: number; id: string }[];
}

/** A row of a list. */
export type Row = Record<string, unknown> & { id: string };

/** What the questions of one run share. */
export interface Surroundings {
  api: ApiClient;
  server: ContractServer;
  domain: { id: string; name: string };
  /** The directory of the domain's mailboxes; undefined when the login may not ask for it. */
  mailboxes: string | undefined;
  signal: AbortSignal;
}

const plural: Record<Kind, string> = {
  aliases: "aliases",
  "mailing lists": "mailingLists",
  resources: "resources",
  groups: "groups",
  users: "users",
  domains: "domains",
};

const interfaceOf: Record<Kind, string> = {
  aliases: "Aliases",
  "mailing lists": "MailingLists",
  resources: "Resources",
  groups: "Groups",
  users: "Users",
  domains: "Domains",
};

/** What questions look at in an account, for a server that does not show it unasked. */
const userFields = [
  ...["id", "domainId", "loginName", "fullName", "description", "isEnabled", "itemSource", "allowPasswordChange"],
  ...["emailAddresses", "publishInGal", "consumedItems", "consumedSize", "role", "userGroups"],
];

/** What one question may do: make things under names of its own, look, wait, and send mail. */
export class World {
  readonly api: ApiClient;
  readonly domain: { id: string; name: string };
  private readonly made: { made: Made; domainId: string }[] = [];

  constructor(
    readonly around: Surroundings,
    private readonly tag: string,
  ) {
    this.api = around.api;
    this.domain = around.domain;
  }

  /** A name that nothing else bears. */
  name(suffix: string): string {
    return `${this.around.server.prefix}${this.tag}.${suffix}`;
  }

  /** Makes something and remembers to remove it; the answer of the server, whatever it is. */
  create(kind: Kind, item: object, domainId = this.domain.id): Promise<Created> {
    return asItem(this.createAll(kind, [item], domainId));
  }

  /** The same for several in one call; throws {@link ApiError} when the server refuses it as a whole. */
  async createAll(kind: Kind, items: readonly object[], domainId = this.domain.id): Promise<Created> {
    const shared = { ...(kind === "domains" ? {} : { domainId }), description: mark };
    const full = items.map((item) => ({ ...shared, ...item }));
    const answer = await this.api.call<Created>(`${interfaceOf[kind]}.create`, { [plural[kind]]: full });
    for (const { id, inputIndex } of answer.result) {
      const { name = "", loginName = name } = (items[inputIndex] ?? {}) as { name?: string; loginName?: string };
      this.made.push({ made: { kind, id, name: loginName }, domainId });
    }
    return answer;
  }

  /** The id of something new; throws {@link ApiError} when the server refuses. */
  async id(kind: Kind, item: object, domainId?: string): Promise<string> {
    const { errors, result } = await this.create(kind, item, domainId);
    if (errors[0]) throw new ApiError(`${interfaceOf[kind]}.create`, errors[0].code, errors[0].message);
    return result[0]?.id ?? "";
  }

  /** An account with a password of its own. */
  async user(suffix: string, more: object = {}, domain = this.domain): Promise<Account> {
    const loginName = this.name(suffix);
    const password = this.password();
    const id = await this.id("users", { loginName, password, isEnabled: true, ...more }, domain.id);
    return { id, loginName, password, address: `${loginName}@${domain.name}` };
  }

  /** A password that fits every policy and stands in no report. */
  password(): string {
    const password = `Xq7-${randomBytes(12).toString("base64url")}`;
    this.api.secrets.add(password);
    return password;
  }

  /** A domain of its own, which goes with all that is in it. */
  async ownDomain(suffix: string, more: object = {}): Promise<{ id: string; name: string }> {
    const name = `${this.name(suffix)}.invalid`;
    return { id: await this.id("domains", { name, ...more }), name };
  }

  /** The row of something by its id, with all its members; undefined when it is gone. */
  async row(kind: Kind, id: string, domainId = this.domain.id): Promise<Row | undefined> {
    return (await this.rows(kind, {}, domainId)).find((each) => each.id === id);
  }

  /** The rows that fit a query. */
  async rows(kind: Kind, query: object = {}, domainId = this.domain.id): Promise<Row[]> {
    const ask = async (asked: object): Promise<Row[]> => {
      const params = kind === "domains" ? { query: asked } : { query: asked, domainId };
      return (await this.api.call<{ list: Row[] }>(`${interfaceOf[kind]}.get`, params)).list;
    };
    const list = await ask(query);
    const isWhole = kind !== "users" || "fields" in query || list.every((row) => "emailAddresses" in row);
    return isWhole ? list : ask({ ...query, fields: userFields });
  }

  /** The accounts of this question. */
  mine(): Promise<Row[]> {
    const conditions = [{ fieldName: "loginName", comparator: "Like", value: this.name("") }];
    return this.rows("users", { conditions });
  }

  /** Removes an account and keeps its mail. */
  async removeKeepingMail(id: string, removeReferences = false): Promise<Created> {
    return this.removeBy({ userId: id, method: "UDeleteUser", removeReferences, targetUserId: "" });
  }

  /** Removes an account in any way. */
  async removeBy(request: object): Promise<Created> {
    return this.bulk("Users.remove", { requests: [{ mode: "DSModeDeactivate", ...request }] });
  }

  /** The answer to a bulk call about one item, whose refusal may be that of the whole call. */
  bulk(method: string, params: object, options: CallOptions = {}): Promise<Created> {
    return asItem(this.api.call<Created>(method, params, options));
  }

  /** Looks until something is so; false when it is not within the limit. */
  async until(look: () => Promise<boolean>, limitMs = 30_000): Promise<boolean> {
    for (const end = Date.now() + limitMs; ;) {
      if (await look()) return true;
      if (Date.now() > end) return false;
      this.around.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /**
   * Sends a mail from outside; gives the refusal, or nothing when it was taken. Throws {@link NotAsked} when it is put
   * off: when the code is below `lowest`.
   */
  async send(to: string, lowest = 500): Promise<string | undefined> {
    const { smtp, sender } = this.around.server;
    if (!smtp) throw new NotAsked("no address for mail was given");
    const transport = createTransport({ ...smtp, secure: false, ignoreTLS: true });
    try {
      await transport.sendMail({ from: sender, to, subject: "Contract", text: "A message of the contract suite.\n" });
      return undefined;
    } catch (error) {
      const { responseCode = 0, response } = error as { responseCode?: number; response?: string };
      if (responseCode >= lowest) return response ?? String(responseCode);
      throw new NotAsked(`no mail can be sent: ${response ?? String(error)}`);
    } finally {
      transport.close();
    }
  }

  /** Items of an account as the server shows them. */
  async items(id: string): Promise<number> {
    return Number((await this.row("users", id))?.["consumedItems"]);
  }

  /** Removes what was made, the newest first. Throws after the last when something stays. */
  async cleanUp(): Promise<void> {
    const failures: unknown[] = [];
    for (const { made, domainId } of this.made.splice(0).reverse()) {
      await remove(this.api, made, domainId).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "not everything could be removed");
  }
}

async function asItem(call: Promise<Created>): Promise<Created> {
  const { result, error } = await outcomeOf(call);
  return result ?? { errors: [{ inputIndex: 0, code: error.code, message: error.message }], result: [] };
}
