import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "../../helpers/start-simulator";
import { domain, idOf, settingsOf, stage } from "../stage";
import type { ServerSettings } from "../../../provider/config";
import { at, type Order } from "./scenarios";
import type { Places } from "./trigger";

/** Seconds: short where they only make a test wait, long enough for a machine that runs ten mail hosts at once. */
const timeouts = { request: 10, connect: 5, stop: 20, start: 20, supervisor: 8 };

/** One mail host that is used for case after case; a reset costs a tenth of a new one. */
export class Lane {
  /** The order in which the runs on this host rename. */
  order: Order = "accountFirst";

  private constructor(
    public simulator: Simulator,
    private readonly template: string,
    private readonly home: Simulator,
    /** What it was started with; the rest is as the standards are. */
    readonly switches: Readonly<Record<string, string>>,
  ) {}

  /** A host with people, mail and memberships, for one case: there is nothing to come back to. */
  static async fresh(switches: Readonly<Record<string, string>> = {}): Promise<Lane> {
    const all = { "start-delay-ms": "100", "stop-delay-ms": "30", ...switches };
    const simulator = await stage({ switches: all });
    try {
      await settleIn(simulator);
    } catch (error) {
      await simulator.stop();
      throw error;
    }
    return new Lane(simulator, "", simulator, all);
  }

  /** The same, and a copy of all that to come back to. */
  static async open(chosen: Readonly<Record<string, string>> = {}): Promise<Lane> {
    const { simulator, switches } = await Lane.fresh(chosen);
    await simulator.control.command("stop");
    const template = join(simulator.state, "template");
    mkdirSync(template);
    for (const part of kept) cpSync(join(simulator.state, part), join(template, part), { recursive: true });
    return new Lane(simulator, template, simulator, switches);
  }

  /** Everything as at the beginning, with the service started. */
  async reset(): Promise<void> {
    const { control, state } = this.simulator;
    await control.clearFaults();
    await control.command("stop");
    for (const part of [...kept, "home", "truth"]) rmSync(join(state, part), { recursive: true, force: true });
    for (const part of ["home", "truth"]) mkdirSync(join(state, part));
    for (const part of kept) cpSync(join(this.template, part), join(state, part), { recursive: true });
    await control.command("start");
  }

  /** Power off and on again: everything that ran is gone, and the service manager starts the engine. */
  async reboot(): Promise<void> {
    await this.simulator.kill();
    this.simulator = await startSimulator({ state: this.simulator.state, switches: { ...this.switches } });
  }

  /** Where the supervisor's files lie. */
  get stateDirectory(): string {
    return join(this.simulator.state, "home/.pulumi-kerio");
  }

  get places(): Places {
    return { state: this.stateDirectory, domain: join(this.simulator.info.store, "mail", domain) };
  }

  /** Whether a run holds the host. */
  get isLocked(): boolean {
    const lock = join(this.stateDirectory, "lock");
    return existsSync(lock) && readdirSync(lock).length > 0;
  }

  /** Settings of a run on this host. */
  settings(): ServerSettings {
    const settings = settingsOf(this.simulator, { renameOrder: this.order });
    return { ...settings, timeouts, api: { ...settings.api, timeouts } };
  }

  async close(): Promise<void> {
    await this.simulator.stop();
    if (this.simulator !== this.home) await this.home.stop();
  }
}

/** Gives asmith what a person has, too: whoever takes that name must get nothing of it. */
async function settleIn(simulator: Simulator): Promise<void> {
  const { adminCall, control, deliver } = simulator;
  const { domains } = await control.truth();
  const domainId = domains[0]?.id;
  const id = await idOf(simulator, "asmith");
  const pattern = { description: "sales", emailAddresses: ["a.s"] };
  const made = async (method: string, params: Record<string, unknown>): Promise<string> => {
    const { result } = await adminCall<{ result: { id: string }[] }>(method, params);
    return result[0]?.id ?? "";
  };
  await adminCall("Users.set", { userIds: [id], pattern });
  await adminCall("Users.setPersonalContact", { userIds: [id], contact: { firstName: "A.", departmentName: "Sales" } });
  const groupId = await made("Groups.create", { groups: [{ domainId, name: "sellers" }] });
  await adminCall("Groups.addMemberList", { groupId, userList: [id] });
  const mlId = await made("MailingLists.create", { mailingLists: [{ domainId, name: "offers" }] });
  const member = { hasId: true, userId: id, emailAddress: "", fullName: "", kind: "Member" };
  await adminCall("MailingLists.addMlUserList", { mlId, members: [member] });
  const archiveReaderList = [{ kind: "TrusteeUser", readerId: id }];
  const archive = { keepArchive: true, archiveReaderList };
  const posting = { memberPosting: "PostAllowed", nonMemberPosting: "PostModerated", moderatorPosting: "PostAllowed" };
  await adminCall("MailingLists.set", { mlIds: [mlId], pattern: { archive, posting } });
  const manager = { type: "UserPrincipal", id, name: "asmith" };
  await made("Resources.create", { resources: [{ domainId, name: "car", type: "Equipment", manager }] });
  const alias = { domainId, name: "letters", deliverTo: at("asmith"), type: "TypeEmailAddress" };
  await made("Aliases.create", { aliases: [alias] });
  for (const subject of ["four", "five"]) await deliver({ to: at("asmith"), subject });
}

const kept = ["users.cfg", "mailserver.cfg", "store"].map((name) => join("opt/kerio/mailserver", name));

/** Hands out lanes, and opens as many as are asked for at one time. */
export class Lanes {
  private readonly free: Lane[] = [];
  private readonly all: Lane[] = [];

  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    let lane = this.free.pop();
    if (!lane) {
      lane = await Lane.open();
      this.all.push(lane);
    }
    await lane.reset();
    const result = await work(lane);
    // A lane whose case has failed may be anything: it is not used again.
    this.free.push(lane);
    return result;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((lane) => lane.close()));
  }
}
