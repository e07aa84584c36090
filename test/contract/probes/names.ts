import type { Probe } from "../probe";
import type { World } from "../world";
import { errorsOf } from "./tools";

const longestAsked = 256;

/** Which names accounts may have. */
export const names: Probe[] = [
  {
    question: "May a login name hold a +?",
    fact: { source: "accounts", says: "no special characters; which these are is not said" },
    settles: "login-name-signs",
    async ask(world) {
      const answer = await world.create("users", { loginName: world.name("a+b"), password: world.password() });
      return { value: answer.errors.length === 0 ? "with-plus" : "without-plus", seen: errorsOf(answer) };
    },
  },
  {
    question: "How long may a login name be?",
    fact: { source: "definition", says: "a limit in bytes is among the restrictions; the number is not published" },
    settles: "longest-login-name",
    async ask(world) {
      let [taken, refused] = [world.name("").length, longestAsked + 1];
      while (refused - taken > 1) {
        const length = Math.floor((taken + refused) / 2);
        if (await isTaken(world, world.name("").padEnd(length, "x"))) taken = length;
        else refused = length;
      }
      if (taken === longestAsked) return { value: undefined, seen: `${longestAsked} and more` };
      return { value: String(taken), seen: `${taken} signs` };
    },
  },
];

/** Whether an account of that name is made; it goes at once. */
async function isTaken(world: World, loginName: string): Promise<boolean> {
  const { result } = await world.create("users", { loginName, password: world.password(), isEnabled: false });
  const userId = result[0]?.id;
  if (userId === undefined) return false;
  await world.removeBy({ userId, method: "UDeleteFolder", removeReferences: true, targetUserId: "" });
  return true;
}
