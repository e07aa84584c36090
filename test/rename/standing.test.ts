import { describe, expect, it } from "vitest";
import { goesBack, mustGoOn, type Standing } from "../../provider/rename/standing";

const mailbox = { inode: "7", messages: 1, bytes: 1 };
type Place = Standing["mailboxAt"];

/** A link of a chain: `after` is the id of the account that bears its new name. */
const link = (oldId: string, after: string | undefined, hasOld: boolean, mailboxAt: Place): Standing => ({
  record: { oldId, after, mailbox, follows: undefined, transientFor: undefined },
  hasOld,
  mailboxAt,
});

/** A person in two halves: the temporary account, and the wanted one. */
const halves = (oldId: string, after: string, hasOld: boolean, mailboxAt: Place): [Standing, Standing] => [
  {
    record: { oldId, after: undefined, mailbox: undefined, follows: undefined, transientFor: "wanted" },
    hasOld,
    mailboxAt: "neither",
  },
  {
    record: { oldId: "", after, mailbox, follows: oldId, transientFor: undefined },
    hasOld: false,
    mailboxAt,
  },
];

const chosen = (all: Standing[], some: Set<Standing>): boolean[] => all.map((one) => some.has(one));

describe("a chain (first b to c, then a to b)", () => {
  const seen = (b: [boolean, Place], a: [boolean, Place]): Standing[] => [
    link("b", undefined, ...b),
    link("a", "b", ...a),
  ];

  it.each<[string, Standing[], boolean[], boolean[]]>([
    ["nothing moved", seen([true, "from"], [true, "from"]), [false, false], [true, true]],
    ["all moved", seen([true, "to"], [true, "parked"]), [false, false], [false, false]],
    ["the last one is not moved", seen([true, "from"], [true, "parked"]), [false, false], [true, true]],
    ["the waiting one went home", seen([true, "to"], [true, "from"]), [false, false], [false, true]],
    ["the bearer has made way", seen([false, "to"], [true, "parked"]), [true, false], [false, false]],
    ["and the waiting one went home", seen([false, "to"], [true, "from"]), [true, false], [false, true]],
    ["both are done", seen([false, "to"], [false, "to"]), [true, true], [false, false]],
  ])("%s", (_title, all, must, back) => {
    expect(chosen(all, mustGoOn(all))).toEqual(must);
    expect(chosen(all, goesBack(all))).toEqual(back);
  });
});

describe("a swap (a aside, b to a, then a to b)", () => {
  const seen = (a: [boolean, Place], b: [boolean, Place]): Standing[] => [
    ...halves("a", "b", ...a),
    link("b", "a", ...b),
  ];

  it.each<[string, Standing[], boolean[], boolean[]]>([
    ["nothing moved", seen([true, "from"], [true, "from"]), [false, false, false], [true, true, true]],
    ["both parked", seen([true, "parked"], [true, "parked"]), [false, false, false], [false, false, false]],
    ["one parked", seen([true, "parked"], [true, "from"]), [false, false, false], [true, true, true]],
    [
      "one has left, nobody can go back",
      seen([false, "parked"], [true, "from"]),
      [true, true, true],
      [false, false, false],
    ],
    ["the other has made way, too", seen([false, "parked"], [false, "to"]), [true, true, true], [false, false, false]],
  ])("%s", (_title, all, must, back) => {
    expect(chosen(all, mustGoOn(all))).toEqual(must);
    expect(chosen(all, goesBack(all))).toEqual(back);
  });
});
