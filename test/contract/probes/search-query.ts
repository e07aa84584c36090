import { outcomeOf } from "../api-client";
import type { Probe } from "../probe";
import type { World } from "../world";
import { shown } from "./tools";

/** Queries of list methods, asked of accounts. */
export const searchQuery: Probe[] = [
  {
    question: "Does QUICKSEARCH look at the description?",
    fact: {
      source: "details",
      says: "QUICKSEARCH looks at name, full name and description; the definition leaves out the last",
    },
    settles: "quick-search",
    async ask(world) {
      const word = `word${Date.now()}`;
      const { id, loginName } = await world.user("one");
      const description = (await world.row("users", id))?.["description"];
      await world.api.call("Users.set", { userIds: [id], pattern: { description: `${String(description)} ${word}` } });
      const byName = await quick(world, loginName);
      const byDescription = await quick(world, word);
      const seen = `by name ${byName}, by description ${byDescription}`;
      if (byName !== 1) return { value: undefined, seen };
      return { value: byDescription === 1 ? "with-description" : "names", seen };
    },
  },
  {
    question: "Does QUICKSEARCH by Eq look for the whole name?",
    fact: {
      source: "definition",
      says: 'QUICKSEARCH = "x" is loginName = "x" or fullName = "x", and <> neither',
    },
    settles: "quick-search-eq",
    async ask(world) {
      const { loginName } = await world.user("one");
      const [whole, part] = [await quick(world, loginName, "Eq"), await quick(world, loginName.slice(0, -1), "Eq")];
      const seen = `by the whole name ${whole}, by a part ${part}`;
      if (whole !== 1) return { value: undefined, seen };
      return { value: part === 1 ? "contains" : "exact", seen };
    },
  },
  {
    question: "Does a condition on the name heed letter case?",
    fact: { source: "accounts", says: "user names are not case-sensitive; conditions are not mentioned" },
    settles: "condition-case",
    async ask(world) {
      const { loginName } = await world.user("one");
      const conditions = [{ fieldName: "loginName", comparator: "Eq", value: loginName.toUpperCase() }];
      const found = (await world.rows("users", { conditions })).length;
      return { value: found === 1 ? "ignored" : found === 0 ? "exact" : undefined, seen: `${found} found` };
    },
  },
  {
    question: "What does a field do that rows do not have?",
    fact: { source: "details", says: "`fields` and conditions name members; what an unknown one does is not said" },
    settles: "unknown-field",
    async ask(world) {
      const { loginName } = await world.user("one");
      const conditions = [
        { fieldName: "loginName", comparator: "Eq", value: loginName },
        { fieldName: "noSuchField", comparator: "Eq", value: loginName },
      ];
      const query = { fields: ["id", "noSuchField"], conditions, combining: "And" };
      const { result, error } = await outcomeOf(world.rows("users", query));
      if (error) return { value: "error", seen: `code ${error.code}` };
      return { value: result.length === 0 ? "ignored" : "conditions-dropped", seen: `${result.length} rows` };
    },
  },
  {
    question: "What does a list method answer that is asked without a query?",
    fact: { source: "seen1008", says: "Domains.get without parameters gave an auditor error 1000" },
    settles: "missing-query",
    needs: ["full-admin"],
    async ask(world) {
      const { error } = await outcomeOf(world.api.call("Domains.get"));
      if (error) return { value: "refused", seen: `code ${error.code}` };
      const role = { userRole: "Auditor", publicFolderRight: false, archiveFolderRight: false };
      const { address, password } = await world.user("one", { role });
      const session = await world.api.login({ username: address, password });
      const auditor = await outcomeOf(world.api.call("Domains.get", {}, { session }));
      if (auditor.error)
        return { value: "refused-to-auditor", seen: `all rows; code ${auditor.error.code} for an auditor` };
      return { value: "everything", seen: "all rows, for an auditor too" };
    },
  },
  {
    question: "Does the id come along when `fields` does not name it?",
    fact: { source: "details", says: "`fields` restricts the members; whether id always comes along is not said" },
    settles: "list-id",
    async ask(world) {
      const { loginName } = await world.user("one");
      const conditions = [{ fieldName: "loginName", comparator: "Eq", value: loginName }];
      const [row = {}] = await world.rows("users", { fields: ["loginName"], conditions });
      return { value: "id" in row ? "always" : "asked", seen: `members ${shown(Object.keys(row))}` };
    },
  },
  {
    question: "Does `fields` restrict what comes?",
    fact: { source: "details", says: "`fields` restricts the members of each row" },
    expects: "loginName, and at most the id beside it",
    async ask(world) {
      await world.user("one");
      const [row = {}] = await world.rows("users", { fields: ["loginName"] });
      const members = Object.keys(row).filter((each) => each !== "id");
      return { holds: members.join() === "loginName", seen: shown(members) };
    },
  },
  {
    question: "Is an empty query taken?",
    fact: { source: "seen1009", says: "`query: {}` is taken" },
    expects: "all rows",
    async ask(world) {
      const { id } = await world.user("one");
      const has = (await world.rows("users", {})).some((each) => each.id === id);
      return { holds: has, seen: has ? "all rows" : "not all rows" };
    },
  },
  {
    question: "Do limit, start and order cut after the match, and is totalItems counted before?",
    fact: { source: "definition", says: "totalItems counts the matches; useful when limit is defined" },
    expects: "2 of 3, beginning with the second from the end",
    async ask(world) {
      const names = [];
      for (const suffix of ["a", "b", "c"]) names.push((await world.user(suffix)).loginName);
      const query = {
        fields: ["id", "loginName"],
        conditions: [{ fieldName: "loginName", comparator: "Like", value: world.name("") }],
        start: 1,
        limit: 2,
        orderBy: [{ columnName: "loginName", direction: "Desc", caseSensitive: false }],
      };
      const { list, totalItems } = await world.api.call<{ list: { loginName: string }[]; totalItems: number }>(
        "Users.get",
        { query, domainId: world.domain.id },
      );
      const got = list.map(({ loginName }) => loginName);
      const holds = totalItems === 3 && got.join() === [names[1], names[0]].join();
      return { holds, seen: `${list.length} of ${totalItems}, ${shown(got.map((each) => each.slice(-1)))}` };
    },
  },
  {
    question: "Is Or between conditions one or the other?",
    fact: { source: "definition", says: "combining is Or or And, never both" },
    expects: "Or 2, And 0",
    async ask(world) {
      const [one, two] = [await world.user("one"), await world.user("two")];
      const conditions = [one, two].map(({ loginName }) => ({
        fieldName: "loginName",
        comparator: "Eq",
        value: loginName,
      }));
      const or = await world.rows("users", { conditions, combining: "Or" });
      const and = await world.rows("users", { conditions, combining: "And" });
      return { holds: or.length === 2 && and.length === 0, seen: `Or ${or.length}, And ${and.length}` };
    },
  },
  {
    question: "Is itemSource refused in an Or query?",
    fact: { source: "definition", says: "itemSource cannot be used in Or queries" },
    expects: "an error",
    async ask(world) {
      const conditions = [
        { fieldName: "itemSource", comparator: "Eq", value: "DSInternalSource" },
        { fieldName: "loginName", comparator: "Eq", value: world.name("one") },
      ];
      const { error } = await outcomeOf(world.rows("users", { conditions, combining: "Or" }));
      return { holds: error !== undefined, seen: error ? `code ${error.code}` : "no error" };
    },
  },
];

async function quick(world: World, value: string, comparator: "Like" | "Eq" = "Like"): Promise<number> {
  const conditions = [{ fieldName: "QUICKSEARCH", comparator, value }];
  return (await world.rows("users", { conditions })).length;
}
