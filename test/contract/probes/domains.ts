import { outcomeOf } from "../api-client";
import type { Probe } from "../probe";
import { errorsOf, shown } from "./tools";

const renameMs = 5_000;

/** Domains, each question in one of its own. */
export const domains: Probe[] = [
  {
    question: "Where does the refusal stand when no seat is left for one of two new accounts?",
    fact: { source: "seen1009", says: "Users.create gives 1003 at the limit; where it stands is not said" },
    settles: "licence-error",
    needs: ["full-admin"],
    async ask(world) {
      const domain = await world.ownDomain("seats", { userMaxCount: 1 });
      const items = ["one", "two"].map((name) => ({
        loginName: world.name(name),
        password: world.password(),
        isEnabled: true,
      }));
      const { result, error } = await outcomeOf(world.createAll("users", items, domain.id));
      if (error) return { value: "call", seen: `the call fails: “${error.message}” (${error.code})` };
      const seen = `${result.result.length} made, ${errorsOf(result)}, with the limit of a domain`;
      return { value: result.errors.length === 1 && result.result.length === 1 ? "item" : undefined, seen };
    },
  },
  {
    question: "Which code has a domain's own limit?",
    fact: {
      source: "seen1009",
      says: "at the limit of the licence the code is 1003; a domain's own is not told apart",
    },
    open: true,
    needs: ["full-admin"],
    expects: "1003",
    async ask(world) {
      const domain = await world.ownDomain("seats", { userMaxCount: 1 });
      await world.user("one", {}, domain);
      const item = { loginName: world.name("two"), password: world.password(), isEnabled: true };
      const { result, error } = await outcomeOf(world.create("users", item, domain.id));
      const code = error?.code ?? result?.errors[0]?.code;
      return { holds: code === 1003, seen: code === undefined ? "the second account is made" : `code ${code}` };
    },
  },
  {
    question: "Does a disabled account take a seat?",
    fact: { source: "licences", says: "disabled accounts are not counted" },
    needs: ["full-admin"],
    expects: "no",
    async ask(world) {
      const domain = await world.ownDomain("seats", { userMaxCount: 1 });
      await world.user("one", { isEnabled: false }, domain);
      const second = { loginName: world.name("two"), password: world.password(), isEnabled: true };
      const { result, error } = await outcomeOf(world.create("users", second, domain.id));
      const refused = error !== undefined || (result?.errors.length ?? 0) > 0;
      return { holds: !refused, seen: refused ? "yes: the second account is refused" : "no" };
    },
  },
  {
    question: "Which limit does getUserCountInfo name?",
    fact: { source: "definition", says: "it says which limit is the stricter, and what is taken of it" },
    needs: ["full-admin"],
    expects: "DomainLimit 1 of 1",
    async ask(world) {
      const domain = await world.ownDomain("seats", { userMaxCount: 1 });
      await world.user("one", {}, domain);
      const { countInfo } = await world.api.call("Domains.getUserCountInfo", { domainId: domain.id });
      const { currentUsers, allowedUsers } = countInfo;
      const seen = `${allowedUsers.limitType} ${currentUsers} of ${allowedUsers.limit}`;
      return { holds: seen === "DomainLimit 1 of 1", seen };
    },
  },
  {
    question: "When does a renamed domain bear its new name?",
    fact: { source: "definition", says: "rename starts a process, renameInfo shows both names meanwhile" },
    settles: "domain-rename",
    needs: ["full-admin"],
    beyond: "starts a process of the server, which may want a restart",
    async ask(world) {
      const domain = await world.ownDomain("old");
      const newName = `${world.name("new")}.invalid`;
      await world.api.call("Domains.rename", { domainId: domain.id, newName });
      const name = async () => (await world.row("domains", domain.id))?.["name"];
      const done = await world.until(async () => (await name()) === newName, renameMs);
      return { value: done ? "at-once" : "at-restart", seen: done ? "at once" : "not while the server runs on" };
    },
  },
  {
    question: "Is a password refused that holds the user name?",
    fact: { source: "passwords", says: "it must not contain the user name" },
    needs: ["full-admin"],
    expects: "refused",
    async ask(world) {
      const domain = await world.ownDomain("policy", { passwordComplexityEnabled: true, passwordMinimumLength: 8 });
      const loginName = world.name("one");
      const answer = await world.create("users", { loginName, password: `Xq7-${loginName}-Y` }, domain.id);
      const told = errorsOf(answer);
      return { holds: answer.errors.length === 1, seen: answer.errors.length === 1 ? "refused" : told };
    },
  },
  {
    question: "Does a minimum length of passwords hold without complexity?",
    fact: { source: "definition", says: "passwordMinimumLength and passwordComplexityEnabled are two settings" },
    settles: "password-minimum",
    needs: ["full-admin"],
    async ask(world) {
      const domain = await world.ownDomain("policy", { passwordComplexityEnabled: false, passwordMinimumLength: 12 });
      const answer = await world.create("users", { loginName: world.name("one"), password: "Xq7-short" }, domain.id);
      return { value: answer.errors.length > 0 ? "always" : "with-complexity", seen: errorsOf(answer) };
    },
  },
  {
    question: "Does generatePassword make one that the policy takes?",
    fact: { source: "definition", says: "generatePassword makes a password for a domain" },
    needs: ["full-admin"],
    expects: "yes",
    async ask(world) {
      const domain = await world.ownDomain("policy", { passwordComplexityEnabled: true, passwordMinimumLength: 8 });
      const { password } = await world.api.call<{ password: string }>("Domains.generatePassword", {
        domainId: domain.id,
      });
      world.api.secrets.add(password);
      const answer = await world.create("users", { loginName: world.name("one"), password }, domain.id);
      return { holds: answer.errors.length === 0, seen: answer.errors.length === 0 ? "yes" : errorsOf(answer) };
    },
  },
  {
    question: "Can `set` rename a domain?",
    fact: { source: "definition", says: "a domain's name is write-once" },
    needs: ["full-admin"],
    expects: "no",
    async ask(world) {
      const domain = await world.ownDomain("old");
      const pattern = { name: `${world.name("new")}.invalid` };
      const { result, error } = await outcomeOf(world.api.call("Domains.set", { domainIds: [domain.id], pattern }));
      const now = (await world.row("domains", domain.id))?.["name"];
      const told = error ? `code ${error.code}` : errorsOf(result);
      return { holds: now === domain.name, seen: `${told}; ${now === domain.name ? "no" : shown(now)}` };
    },
  },
];
