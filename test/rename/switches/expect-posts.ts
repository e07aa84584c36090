import { expect } from "vitest";
import type { Lane } from "../crash/lane";
import { at, becomesOf, scenarioOf, type ScenarioName } from "../crash/scenarios";
import { domain } from "../stage";
import type { Chosen } from "./values";

/**
 * The member of the list that lets members alone post still may: by the new name, and by the old one unless that is
 * somebody else's now. What becomes of other people's mail is for the server to say.
 */
export async function expectPosts({ simulator }: Lane, scenario: ScenarioName, chosen: Chosen): Promise<void> {
  const member = becomesOf(scenario)["asmith"] ?? "";
  const isOpen = (chosen["list-posting"] ?? "anybody") === "anybody";
  const isPassedOn = scenarioOf(scenario).taken?.includes("asmith") ?? false;
  const senders = [
    { from: at(member), isHeard: true },
    { from: at("asmith"), isHeard: isOpen || !isPassedOn },
    { from: "sender@example.org", isHeard: isOpen },
  ];
  for (const { from } of senders) await simulator.deliver({ from, to: at("offers"), subject: `posted by ${from}` });
  const subjects = (await simulator.control.messages(domain, member)).map(({ subject }) => subject);
  expect(subjects.filter((subject) => subject.startsWith("posted by")).sort()).toEqual(
    senders.flatMap(({ from, isHeard }) => (isHeard ? [`posted by ${from}`] : [])).sort(),
  );
}
