import { describe, expect, it } from "vitest";
import { inWaves, planRenames, type Bearer, type PlannedRename } from "../../provider/rename/plan";

const domain = "example.com";
const account = (name: string): Bearer => ({ id: `id-${name}`, domain, name, label: name.toUpperCase() });
const accounts = (names: string): Bearer[] => names.split(" ").map(account);
const rename = (text: string): PlannedRename => {
  const [from = "", to = ""] = text.split(">");
  return { domain, from, to, oldId: `id-${from}` };
};

/** What becomes of each: `free`, `after x`, `cut after x`, or the reason of the refusal. */
function planned(renames: string, names: string, barred: string[] = []): Record<string, string> {
  const all = renames.split(" ").map(rename);
  const isBarred = new Set(all.filter(({ from }) => barred.includes(from)));
  const { roles, refusals } = planRenames(all, accounts(names), isBarred);
  return Object.fromEntries(
    all.flatMap((one) => {
      const role = roles.get(one);
      const after = role?.after?.replace("id-", "after ");
      const text = role ? `${role.cut ? "cut " : ""}${after ?? "free"}` : refusals.get(one);
      return text === undefined ? [] : [[`${one.from}>${one.to}`, text]];
    }),
  );
}

/** Numbers that look random and are the same for a seed. */
const numbers = (seed: number) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;

describe("planRenames", () => {
  it("takes a free name as it is, and ignores the letter case of names", () => {
    expect(planned("a>b c>d", "a c")).toEqual({ "a>b": "free", "c>d": "free" });
    const [one] = planRenames([rename("a>b")], [account("a"), { ...account("b"), name: "B" }]).refusals.values();
    expect(one).toContain("b@example.com");
  });

  it("lets a chain follow its end", () => {
    expect(planned("a>b b>c c>d", "a b c")).toEqual({ "a>b": "after b", "b>c": "after c", "c>d": "free" });
  });

  it("cuts a circle once, at the name that comes first", () => {
    expect(planned("b>a a>b", "a b")).toEqual({ "a>b": "cut after b", "b>a": "after a" });
    expect(planned("c>a a>b b>c x>a2", "a b c x")).toEqual({
      "a>b": "cut after b",
      "b>c": "after c",
      "c>a": "after a",
      "x>a2": "free",
    });
  });

  it("keeps the names of two domains apart", () => {
    const other = { ...account("b"), domain: "example.org", id: "other" };
    const { roles } = planRenames([rename("a>b")], [account("a"), other]);
    expect([...roles.values()]).toEqual([{ after: undefined, cut: false }]);
  });

  it("refuses a name whose bearer stays, with both names and what would help", () => {
    const [reason] = Object.values(planned("a>b", "a b"));
    for (const part of ["b@example.com", "account of B", "PULUMI_PARALLEL", "pulumi up"])
      expect(reason).toContain(part);
  });

  it("refuses whoever waits for one that is refused, and nobody else", () => {
    const { "x>y": free, "a>b": first, "b>c": second } = planned("a>b b>c c>d x>y", "a b c x", ["c"]);
    expect(free).toBe("free");
    expect(second).toContain("account of C, whose own rename is refused");
    expect(first).toContain("account of B, whose own rename is refused");
    // A circle breaks at once.
    expect(Object.values(planned("a>b b>a", "a b", ["a"]))).toEqual([expect.stringContaining("account of A")]);
  });

  it("refuses the second of two that start from one account, or take one name", () => {
    const twice = { ...rename("a>c") };
    const { roles, refusals } = planRenames([rename("a>b"), twice], accounts("a"));
    expect(roles.size).toBe(1);
    expect(refusals.get(twice)).toContain("a@example.com");
    expect(planned("a>z b>z", "a b")["b>z"]).toContain("a and b are both to become z");
  });
});

describe("a plan", () => {
  it("can be carried out, whatever was asked", () => {
    for (let seed = 1; seed <= 500; seed++) canBeCarriedOut(seed);
  });
});

function canBeCarriedOut(seed: number): void {
  const next = numbers(seed);
  const names = Array.from({ length: 2 + Math.floor(next() * 7) }, (_, index) => `n${index}`);
  const living = names.filter(() => next() < 0.7);
  const asked = living.filter(() => next() < 0.8);
  const renames = asked
    .map((from) => rename(`${from}>${names[Math.floor(next() * names.length)]}`))
    .filter(({ from, to }) => from !== to);
  const { roles, refusals } = planRenames(renames, living.map(account));
  for (const one of renames) expect(roles.has(one), `seed ${seed}`).toBe(!refusals.has(one));
  // Carried out wave by wave, the cut ones aside first: no name is ever taken while somebody bears it.
  const bearers = new Map(living.map((name) => [name, `id-${name}`]));
  const all = [...roles].flatMap(([one, role]) => {
    const plain = { ...one, key: one.oldId, after: role.after, follows: undefined as string | undefined };
    if (!role.cut) return [plain];
    const aside = `aside-${one.from}`;
    return [
      { ...plain, to: aside, after: undefined },
      { ...plain, key: aside, from: aside, follows: one.oldId },
    ];
  });
  const waves = inWaves(all, (one) => one);
  expect(waves.flat().length, `seed ${seed}`).toBe(all.length);
  for (const wave of waves) {
    for (const one of wave) expect(bearers.has(one.to), `seed ${seed}: ${one.from}>${one.to}`).toBe(false);
    for (const one of wave) {
      bearers.delete(one.from);
      bearers.set(one.to, one.oldId);
    }
  }
  for (const [one] of roles) expect(bearers.get(one.to), `seed ${seed}`).toBe(one.oldId);
  // Nothing is refused that could have been done: its name is wanted by two, or its bearer stays.
  for (const [one, reason] of refusals) {
    const isWanted = renames.some((other) => other !== one && other.to === one.to);
    const stays = living.includes(one.to) && ![...roles.keys()].some(({ from }) => from === one.to);
    expect(isWanted || stays, `seed ${seed}: ${reason}`).toBe(true);
  }
}
