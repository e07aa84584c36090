import fc from "fast-check";
import { stagesOf } from "../../../provider/rename/run";
import type { AnyFaultName, AnyFaultOptions } from "../../simulator/host/control-types";
import { edit, settledPeople, type Edit } from "../edits";
import { recover, recoveries, type Recovery } from "../recovery";
import type { Stage, UpdateOptions } from "../stage";
import { unsettle } from "../unsettle";
import type { World } from "../world";
import { operation } from "./operation";
import { editAll, putBack } from "./updates";

interface Fault {
  name: AnyFaultName;
  options: AnyFaultOptions;
}

interface Trouble {
  edits: Edit[];
  recovery: Recovery;
}

const methods = [
  "Users.create",
  "Users.set",
  "Users.remove",
  "Users.get",
  "Users.setPersonalContact",
  "Aliases.create",
  "Aliases.set",
  "Aliases.remove",
  "Aliases.get",
  "Domains.get",
  "Domains.generatePassword",
  "Groups.addMemberList",
  "MailingLists.addMlUserList",
  "Resources.set",
  "Services.stop",
  "Services.start",
  "Server.getDirs",
  "Server.getServerTime",
  "Server.findEntityByEmail",
];

const apiFault: fc.Arbitrary<Fault> = fc.record({
  name: fc.constantFrom<AnyFaultName>("refuse", "drop-before", "drop-after", "expire-session", "http-200-garbage"),
  options: fc.record({ method: fc.constantFrom(...methods), times: fc.constantFrom(1, 1, 2) }),
});

const hostFault: fc.Arbitrary<Fault> = fc.constantFrom<Fault>(
  { name: "stop-refused", options: { times: 1 } },
  { name: "start-slow", options: { ms: 1500, times: 1 } },
  { name: "start-fails", options: { times: 1 } },
  { name: "crash-on-start", options: { times: 1 } },
  { name: "ssh-refuse", options: { times: 1 } },
  { name: "ssh-refuse", options: { mode: "login", times: 1 } },
  { name: "ssh-drop-after", options: { bytes: 30_000, times: 1 } },
  { name: "ssh-drop-after", options: { bytes: 60_000, times: 1 } },
  { name: "ssh-noise", options: { text: "Welcome to the mail host.\n" } },
);

/** Cuts and black holes come when work is under way, after some milliseconds. */
const cut = fc.record({ name: fc.constantFrom<AnyFaultName>("ssh-drop", "ssh-black-hole"), after: fc.nat(5000) });

/** What a step is called before and after which a plugin may die. */
const boundaries = [
  ...stagesOf("accountFirst", 3).map((stage) => stage.point),
  "roll-back",
  "release-services",
  "clear-marks",
  "set-passwords",
].flatMap((name) => [`before ${name}`, `after ${name}`]);

const death = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("after write-snapshot", ...boundaries) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }).map((answers) => `answer ${answers}`) },
);

const kinds = ["rename", "rename", "exchange", "exchange", "hire", "change", "leave", "alias"] as const;
const mixed = fc.array(edit(kinds), { minLength: 1, maxLength: 3 });
const renames = fc.array(edit(["rename", "exchange"]), { minLength: 1, maxLength: 2 });

const enough = (world: World) => settledPeople(world).length > 2 && settledPeople(world).length < 10;

/** Updates that something goes wrong with, and what is done then. */
export const troubles = {
  fault: operation<Trouble & { fault: Fault }>(
    "an update meets a fault of the server",
    { edits: mixed, fault: apiFault, recovery: recoveries },
    {
      ready: enough,
      run: (stage, { edits, fault, recovery }) =>
        disturbed(stage, "fault", edits, recovery, JSON.stringify(fault), async () => {
          await stage.simulator.control.fault(fault.name, fault.options);
          return {};
        }),
    },
  ),
  hostFault: operation<Trouble & { fault: Fault }>(
    "a rename meets a fault of the host",
    { edits: renames, fault: hostFault, recovery: recoveries },
    {
      ready: enough,
      run: (stage, { edits, fault, recovery }) =>
        disturbed(stage, "host fault", edits, recovery, JSON.stringify(fault), async () => {
          await stage.simulator.control.fault(fault.name, fault.options);
          return {};
        }),
    },
  ),
  killedService: operation<Trouble>(
    "the engine is killed when it is to stop for a rename",
    { edits: renames, recovery: recoveries },
    {
      ready: enough,
      run: (stage, { edits, recovery }) =>
        disturbed(stage, "host fault", edits, recovery, "stop-timeout", async () => {
          // What it has not written is lost with it, and that is no doing of a rename.
          await stage.simulator.control.command("restart");
          await stage.simulator.control.fault("stop-timeout", { times: 1 });
          return {};
        }),
    },
  ),
  cut: operation<Trouble & { cut: { name: AnyFaultName; after: number } }>(
    "the connection to the host is cut during a rename",
    { edits: renames, cut, recovery: recoveries },
    {
      ready: enough,
      run: (stage, { edits, cut, recovery }) =>
        disturbed(stage, "cut", edits, recovery, JSON.stringify(cut), async () => ({
          meanwhile: async () => {
            await stage.untilBusy();
            await new Promise((done) => setTimeout(done, cut.after));
            await stage.simulator.control.fault(cut.name);
            await new Promise((done) => setTimeout(done, cut.name === "ssh-drop" ? 0 : 10_000));
            await stage.simulator.control.clearFaults();
          },
        })),
    },
  ),
  pluginDies: operation<Trouble & { death: string }>(
    "the plugin is killed in the middle",
    { edits: mixed, death, recovery: recoveries },
    {
      ready: enough,
      run: (stage, { edits, death, recovery }) =>
        disturbed(stage, "death of the plugin", edits, recovery, death, () => Promise.resolve({ death })),
    },
  ),
  engineDies: operation<Trouble & { after: number }>(
    "the engine is killed, and its plugin goes on",
    { edits: mixed, after: fc.nat(6000), recovery: recoveries },
    {
      ready: enough,
      run: (stage, { edits, after, recovery }) =>
        disturbed(stage, "death of the engine", edits, recovery, `after ${after} ms`, () =>
          Promise.resolve({
            meanwhile: async () => {
              await stage.untilBusy();
              await new Promise((done) => setTimeout(done, after));
              stage.abandonPlugin();
            },
          }),
        ),
    },
  ),
};

/** An update in trouble: it may succeed all the same; otherwise it is recovered from. */
async function disturbed(
  stage: Stage,
  kind: string,
  edits: Edit[],
  recovery: Recovery,
  detail: string,
  arm: () => Promise<UpdateOptions>,
): Promise<void> {
  await putBack(stage);
  const edited = `${editAll(stage.world, edits)}; ${kind} ${detail}`;
  const options = await arm();
  unsettle(stage.world);
  stage.isAtRest = false;
  const outcome = await stage.update(edited, options);
  await stage.simulator.control.clearFaults();
  if (!outcome.ok) {
    stage.tally.event(kind);
    await recover(stage, recovery);
  }
  await stage.orphansDone();
}
