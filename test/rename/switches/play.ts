import { expect } from "vitest";
import type { ServerSettings } from "../../../provider/config";
import { addressIn } from "../../../provider/kerio/methods/write-contact";
import { photoIn, photos } from "../../helpers/photos";
import { expectOwn } from "../crash/expect-own";
import { lookBefore } from "../crash/expect-state";
import { judge } from "../crash/judge";
import type { Lane } from "../crash/lane";
import { becomesOf, requestsOf, wavesOf, type Order, type ScenarioName } from "../crash/scenarios";
import { sendToAll } from "../crash/variants";
import { picture } from "../picture";
import { domain, newcomer, provider } from "../stage";
import { earlierAttempts } from "./earlier-attempts";
import { expectPosts } from "./expect-posts";
import type { Attempt, Chosen } from "./values";

const arriving = "bjones";
const carried = ["fullName", "diskSizeLimit", "emailForwarding", "role", "outMessageLimit", "itemLimit"];

/**
 * Two people get other names, perhaps each other's, and somebody new comes, in one update: with mail, groups, lists and
 * who may read and post to them, rooms, aliases, quota, forwarding, a card with a photo. Judged by the server's truth and
 * its disk.
 *
 * @param isWatched whether it is looked at before and after each step, too, whose mail an account would open
 */
export async function play(lane: Lane, chosen: Chosen, { isWatched = false } = {}): Promise<void> {
  const { adminCall, control, upload } = lane.simulator;
  lane.order = (chosen["kerio:renameOrder"] ?? "accountFirst") as Order;
  const scenario = (chosen["update"] ?? "pair") as ScenarioName;
  const requests = await requestsOf(lane.simulator, scenario);
  const areTexts = chosen["contact-addresses"]?.startsWith("texts") ?? false;
  const contact = {
    emailAddresses: areTexts ? ["j@example.org"] : [{ address: "j@example.org", type: "EmailHome" }],
    photo: { id: await upload("me.png", photos.png), url: "" },
  };
  await adminCall("Users.setPersonalContact", { userIds: [requests[0]?.renamedFrom?.userId], contact });
  const before = await lookBefore(lane);
  const callsBefore = (await control.calls()).length;
  const attempt = (chosen["earlier-attempt"] ?? "none") as Attempt;
  const begunAnew = await earlierAttempts[attempt](lane, scenario, requests, before);
  const stops = (await control.downtimes()).length;

  // Nobody dies here: a machine that runs many mail hosts at once may be late.
  const look = () => (isWatched ? expectOwn(lane, scenario, before) : undefined);
  const plugin = provider(unhurried(lane), { hooks: { before: look, after: look } });
  const person = newcomer(arriving, { contact: { firstName: "B.", emailAddresses: ["b@example.org"] } });
  const results = await Promise.all([...requests, person].map((request) => plugin.coordinator.create(request)));
  for (const { renamedFrom } of requests) await plugin.coordinator.heard(renamedFrom?.userId ?? "");
  await plugin.close();

  const restarts = plugin.lines.filter((line) => line.includes("stopped and started once more")).length;
  expect((await control.downtimes()).length - stops - restarts, "stops of the service").toBeOneOf(
    stopsUnder(chosen, wavesOf(scenario).length),
  );
  const sent = await sendToAll(lane, scenario, before);
  expect(sent.filter(({ refused }) => refused !== undefined)).toEqual([]);
  // Such a server may not let the old name be an alias while the account of that name is about to go.
  const mostAsked = (chosen["alias-beside-user"] === "refused" ? 2 : 1) * (attempt === "none" ? 1 : 2);
  // Such a server refuses the account of a name that an alias bears, enabled and disabled, before the alias goes.
  const mostTried = chosen["user-beside-alias"] === "refused" ? 3 : 1;
  const told = { requests, results, sent, newcomers: [arriving], callsBefore, begunAnew, mostTried, mostAsked };
  await judge(lane, scenario, before, told);
  const after = await picture(lane.simulator);
  for (const [index, { renamedFrom, name }] of requests.entries()) {
    const [was, is] = [before.picture.account(renamedFrom?.name ?? ""), after.account(name)];
    for (const field of carried) expect(is[field], `${field} of ${name}`).toEqual(was[field]);
    await expectSeen(lane, name, results[index]?.initialPassword);
  }
  await expectSeen(lane, arriving, results[2]?.initialPassword);
  expect(results[2]?.userId).toBe(after.account(arriving).id);
  const jdoe = becomesOf(scenario)["jdoe"] ?? "";
  expect(cardOf(after.account(jdoe))).toMatchObject(cardOf(before.picture.account("jdoe")));
  expect(cardOf(after.account(arriving))).toMatchObject({ firstName: "B.", addresses: ["b@example.org"] });
  const isCopied = (chosen["photo-of-another"] ?? "copied") === "copied";
  expect(photoIn(after.account(jdoe))).toEqual(isCopied ? photos.png : undefined);
  const notes = isCopied ? [] : [expect.stringContaining("did not take the photo")];
  // Whether the server shows sizes yet is its own affair, and said.
  const said = results.map((result) => result.notes.filter((note) => !/does not show the size/.test(note)));
  // An attempt that was recovered has told `recover`.
  if (attempt === "none") expect(said).toEqual([notes, [], []]);
  await expectPosts(lane, scenario, chosen);
}

/** One stop, and one more for each name that is passed on where the server writes down only then who is gone. */
function stopsUnder(chosen: Chosen, waves: number): number[] {
  if (chosen["earlier-attempt"]?.startsWith("killed")) return [...Array(waves + 1).keys()];
  if (chosen["config-save"] === "after-change") return [1];
  return chosen["config-save"] === "now-and-then" ? [...Array(waves).keys()].map((index) => index + 1) : [waves];
}

function unhurried(lane: Lane): ServerSettings {
  const settings = lane.settings();
  const timeouts = { ...settings.timeouts, request: 30, supervisor: 60 };
  return { ...settings, timeouts, api: { ...settings.api, timeouts } };
}

/** Who opens the mailbox sees all that lies in it. */
async function expectSeen({ simulator }: Lane, name: string, password = ""): Promise<void> {
  const login = await simulator.control.login(name, password);
  const stored = await simulator.control.messages(domain, name);
  const subjects = (messages: readonly { subject: string }[]) => messages.map(({ subject }) => subject).sort();
  expect(login.ok && subjects(login.messages), `what ${name} sees`).toEqual(subjects(stored));
}

/** The card of an account without its photo, and its addresses in one form. */
function cardOf(account: Record<string, unknown>): Record<string, unknown> {
  const { emailAddresses = [], ...card } = account["contact"] as Record<string, unknown>;
  return { ...card, photo: undefined, addresses: (emailAddresses as unknown[]).map(addressIn) };
}

/** The rename is tried and taken back for a reason that it says: people, their mail and the services are as they were. */
export async function expectRollBack(lane: Lane, says: RegExp): Promise<void> {
  const requests = await requestsOf(lane.simulator, "pair");
  const before = await lookBefore(lane);
  const plugin = provider(unhurried(lane));
  const ended = await Promise.allSettled(requests.map((request) => plugin.coordinator.create(request)));
  await plugin.close();
  for (const end of ended) expect(String((end as PromiseRejectedResult).reason)).toMatch(says);
  const { picture: after, mail } = await lookBefore(lane);
  expect(lasting(after.text)).toEqual(lasting(before.picture.text));
  expect(after.directories).toEqual(before.picture.directories);
  expect(mail).toEqual(before.mail);
}

/** What a restart leaves as it is. */
function lasting(text: string): Record<string, unknown> {
  return { ...(JSON.parse(text) as Record<string, unknown>), engine: "", pid: "", startedAt: "" };
}

/** The rename is refused for a reason that it says, and nothing on the server has been written. */
export async function expectRefusal(lane: Lane, says: RegExp): Promise<void> {
  const { control } = lane.simulator;
  const requests = await requestsOf(lane.simulator, "pair");
  const before = await lookBefore(lane);
  const [stops, calls] = [(await control.downtimes()).length, (await control.calls()).length];
  const plugin = provider(lane.settings());
  const ended = await Promise.allSettled(requests.map((request) => plugin.coordinator.create(request)));
  await plugin.close();
  for (const end of ended) {
    expect(end.status).toBe("rejected");
    expect(String((end as PromiseRejectedResult).reason)).toMatch(says);
  }
  const after = await lookBefore(lane);
  expect(after.picture.text).toBe(before.picture.text);
  expect(after.picture.directories).toEqual(before.picture.directories);
  expect(after.mail).toEqual(before.mail);
  expect((await control.downtimes()).length).toBe(stops);
  const writing = /\.(set|create|remove|add|stop|start|delete)/;
  const since = (await control.calls()).slice(calls).map(({ method }) => method);
  expect(since.filter((method) => writing.test(method))).toEqual([]);
}
