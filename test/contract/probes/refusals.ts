import { replyOf } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import type { Account, Created, World } from "../world";
import { errorsOf, shown, unknownId } from "./tools";

/** The codes of refusals. */
export const refusals: Probe[] = [
  {
    question: "How is the text of a refusal written?",
    fact: { source: "definition", says: "a message has placeholders, and parameters for them beside it" },
    settles: "refusal-texts",
    async ask(world) {
      const params = { query: {}, domainId: unknownId("domain", world.domain.id) };
      const { error } = replyOf(await world.api.post("Users.get", params, { session: await world.api.session() }));
      if (!error) return { value: undefined, seen: "no error" };
      const { messageParameters } = (error.data ?? {}) as { messageParameters?: { positionalParameters?: unknown[] } };
      const hasParameters = (messageParameters?.positionalParameters ?? []).length > 0;
      const value = error.message === "" ? "empty" : hasParameters ? "with-parameters" : "plain";
      return { value, seen: `${shown(error.message)}, ${hasParameters ? "with" : "without"} parameters` };
    },
  },
  {
    question: "Which code refuses a name that an account has?",
    fact: { source: "javaClient", says: "1001 is “already exists”; whether it is used here is not said" },
    settles: "user-taken-code",
    async ask(world) {
      const { loginName } = await world.user("one");
      return codeIn(await world.create("users", { loginName, password: world.password() }));
    },
  },
  {
    question: "Which code refuses an alias that is there?",
    fact: { source: "javaClient", says: "1001 is “already exists”; whether it is used here is not said" },
    settles: "alias-taken-code",
    async ask(world) {
      const { address } = await world.user("one");
      const row = { name: world.name("alias"), deliverTo: address };
      await world.id("aliases", row);
      const answer = await world.create("aliases", row);
      if (answer.errors.length === 0) throw new NotAsked("none is refused, see `duplicate-alias`");
      return codeIn(answer);
    },
  },
  {
    question: "Which code refuses a name with a space?",
    fact: { source: "accounts", says: "a name has no spaces; with which code it is refused is not said" },
    settles: "invalid-name-code",
    async ask(world) {
      return codeIn(await world.create("users", { loginName: `${world.name("a")} b`, password: world.password() }));
    },
  },
  {
    question: "Which code refuses a password against the policy?",
    fact: { source: "passwords", says: "a password must not hold the user name; with which code is not said" },
    settles: "password-refused-code",
    needs: ["full-admin"],
    async ask(world) {
      const domain = await world.ownDomain("policy", { passwordComplexityEnabled: true, passwordMinimumLength: 8 });
      const password = "x";
      return codeIn(await world.create("users", { loginName: world.name("one"), password }, domain.id));
    },
  },
  {
    question: "Which code do `set` and `remove` give for an id that nobody has?",
    fact: { source: "javaClient", says: "1002 is “does not exist”; whether it is used here is not said" },
    settles: "unknown-id-code",
    async ask(world) {
      const userIds = [unknownId("user", world.domain.id)];
      const answer = await world.bulk("Users.set", { userIds, pattern: { fullName: "x" } });
      if (answer.errors.length === 0) throw new NotAsked("it is no error, see `unknown-id`");
      return codeIn(answer);
    },
  },
  {
    question: "Which code keeps an administrator from removing the own account?",
    fact: { source: "deleting", says: "nobody removes the own account; with which code is not said" },
    settles: "own-account-code",
    needs: ["full-admin"],
    async ask(world) {
      const self = await world.user("one", { role: roleOf("FullAdmin") });
      return codeOfRemoval(world, self, self.id);
    },
  },
  {
    question: "Which code keeps an administrator from removing an account of higher rights?",
    fact: { source: "deleting", says: "nobody removes an account with higher rights; with which code is not said" },
    settles: "higher-rights-code",
    needs: ["full-admin"],
    async ask(world) {
      const better = await world.user("two", { role: roleOf("FullAdmin") });
      return codeOfRemoval(world, await world.user("one", { role: roleOf("AccountAdmin") }), better.id);
    },
  },
];

function roleOf(userRole: string): object {
  return { userRole, publicFolderRight: false, archiveFolderRight: false };
}

/** What an account is answered that would remove another, or itself. */
async function codeOfRemoval(world: World, { address, password }: Account, userId: string) {
  const session = await world.api.login({ username: address, password });
  const request = { userId, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
  return codeIn(await world.bulk("Users.remove", { requests: [request] }, { session }));
}

function codeIn(answer: Pick<Created, "errors">): { value: string | undefined; seen: string } {
  const code = answer.errors[0]?.code;
  return { value: code === undefined ? undefined : String(code), seen: errorsOf(answer) };
}
