import { KerioError } from "../errors";
import type { KerioClient } from "../kerio/client";
import { listAccessPolicies, type AccessPolicy } from "../kerio/methods/access-policies";
import { getStorePath } from "../kerio/methods/advanced-options";
import { listAliases, type Alias } from "../kerio/methods/aliases";
import { getRole, isStandalone } from "../kerio/methods/distributed-domain";
import { listDomains, type Domain } from "../kerio/methods/domains";
import { listGroups, type Group } from "../kerio/methods/groups";
import {
  listMailingLists,
  listMembers,
  type MailingList,
  type MailingListMember,
} from "../kerio/methods/mailing-lists";
import { listResources, type Resource } from "../kerio/methods/resources";
import { getSecurityPolicy, type SecurityPolicy } from "../kerio/methods/security-policy";
import { whoAmI, type UserDetails } from "../kerio/methods/session";
import { listUsers, type User } from "../kerio/methods/users";
import { directoryNames } from "./directory-names";

/** How long a list may serve before it is asked for again, in milliseconds: one run, not one evening at the prompt. */
const freshFor = 30_000;

/**
 * What is known of one server: one list call per domain and run serves every `read` and `check`. Our own writes
 * must call {@link invalidate}.
 */
export class Inventory {
  private readonly cache = new Map<string, { at: number; value: Promise<unknown> }>();

  constructor(
    private readonly client: KerioClient,
    private readonly now: () => number = Date.now,
  ) {}

  /** Forgets everything that changes, so that the next question is asked anew. */
  invalidate(): void {
    this.cache.clear();
  }

  domains(): Promise<Domain[]> {
    return this.once("domains", () => listDomains(this.client));
  }

  /** @throws KerioError `NOT_FOUND` that names the domains there are. */
  async domain(name: string): Promise<Domain> {
    const domains = await this.domains();
    const domain = domains.find((d) => d.name.toLowerCase() === name.toLowerCase());
    if (domain) return domain;
    throw new KerioError("NOT_FOUND", {
      object: `domain ${name}`,
      doing: "looking it up",
      happened: "the mail server has no such domain",
      next:
        `It has: ${domains.map((d) => d.name).join(", ") || "none"}. Correct the resource's domain, or make the domain first. ` +
        "What the stack has of a domain that was removed or renamed on the server leaves the state with `pulumi state delete <urn>`.",
    });
  }

  /** All accounts of a domain. */
  async users(domain: string): Promise<User[]> {
    const { id } = await this.domain(domain);
    return this.once(`users ${id}`, () => listUsers(this.client, { domainId: id }));
  }

  async userByName(domain: string, name: string): Promise<User | undefined> {
    const wanted = name.toLowerCase();
    return (await this.users(domain)).find((user) => user.loginName.toLowerCase() === wanted);
  }

  async aliases(domain: string): Promise<Alias[]> {
    const { id } = await this.domain(domain);
    return this.once(`aliases ${id}`, () => listAliases(this.client, { domainId: id }));
  }

  async groups(domain: string): Promise<Group[]> {
    const { id } = await this.domain(domain);
    return this.once(`groups ${id}`, () => listGroups(this.client, { domainId: id }));
  }

  async resources(domain: string): Promise<Resource[]> {
    const { id } = await this.domain(domain);
    return this.once(`resources ${id}`, () => listResources(this.client, { domainId: id }));
  }

  /** Every mailing list of the server with its members. */
  mailingLists(): Promise<{ list: MailingList; members: MailingListMember[] }[]> {
    return this.once("lists", async () => {
      const found: { list: MailingList; members: MailingListMember[] }[] = [];
      for (const { id } of await this.domains()) {
        for (const list of await listMailingLists(this.client, { domainId: id })) {
          found.push({ list, members: await listMembers(this.client, list.id) });
        }
      }
      return found;
    });
  }

  /** Who the API takes us for. */
  me(): Promise<UserDetails> {
    return this.once("me", () => whoAmI(this.client));
  }

  /** Whether the server is part of no distributed domain. */
  standsAlone(): Promise<boolean> {
    return this.once("role", async () => isStandalone(await getRole(this.client)));
  }

  securityPolicy(): Promise<SecurityPolicy> {
    return this.once("security", () => getSecurityPolicy(this.client));
  }

  accessPolicies(): Promise<AccessPolicy[]> {
    return this.once("policies", () => listAccessPolicies(this.client));
  }

  /** The store's directory on the mail host, without a trailing slash. */
  storePath(): Promise<string> {
    return this.once("store", async () => (await getStorePath(this.client)).replace(/\/+$/, ""));
  }

  /**
   * Names of the directories below `<store>/mail/<domain>`, as the server itself sees them. None, where the domain has
   * no directory yet: it is made at the first delivery or login.
   */
  async mailboxes(domain: string): Promise<string[]> {
    const path = `${await this.storePath()}/mail/${domain}`;
    return this.once(`dirs ${path}`, () => directoryNames(this.client, path));
  }

  private once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.cache.get(key);
    if (known && this.now() - known.at < freshFor) return known.value as Promise<T>;
    const value = ask();
    const entry = { at: this.now(), value };
    this.cache.set(key, entry);
    value.catch(() => {
      if (this.cache.get(key) === entry) this.cache.delete(key);
    });
    return value;
  }
}
