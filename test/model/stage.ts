import { join } from "node:path";
import { stackConfig } from "../helpers/stack";
import type { Simulator } from "../helpers/start-simulator";
import { Planted } from "../security/planted";
import { applyRefresh, applyUpdate } from "./applied";
import { Engine, type Outcome } from "./engine";
import { alwaysTrue, trueAtRest } from "./invariants";
import { ownersOf, type Owners } from "./owners";
import { Plugin } from "./plugin";
import { look, type Sight } from "./sight";
import { newWorld } from "./new-world";
import type { Tally } from "./tally";
import { peopleWhere, programOf, type World } from "./world";

/** How an update is run. */
export interface UpdateOptions {
  /** Steps at once. */
  parallel?: number;
  /** Whether the stack is refreshed first, in the same process. */
  refresh?: boolean;
  /** Where the plugin dies, see `Plugin.begin`. */
  death?: string;
  /** Done as soon as calls are under way. */
  meanwhile?: () => Promise<void>;
}

/**
 * One stack on one stand-in: the world as it should be, the engine with its state, and the plugin. Everything that
 * happens goes through {@link step}, which looks at the server afterwards.
 */
export class Stage {
  readonly engine = new Engine();
  readonly history: string[] = [];
  seen: Sight;
  private plugin: Plugin | undefined;
  private readonly orphans: Plugin[] = [];
  private readonly planted: Planted;
  private readonly config: Record<string, string>;
  private turn = 0;
  private owners: Owners = new Map();

  private constructor(
    readonly simulator: Simulator,
    readonly world: World,
    private readonly began: Sight,
    readonly tally: Tally,
  ) {
    this.seen = began;
    const timeouts = { request: 20, connect: 15, stop: 20, start: 20, supervisor: supervisorSeconds };
    this.config = { ...stackConfig(simulator), "kerio:timeouts": JSON.stringify(timeouts) };
    this.planted = new Planted({
      "the administrator's password": simulator.info.admin.password,
      "the SSH key": (this.config["kerio:sshPrivateKey"] ?? "").split("\n")[2] ?? "",
    });
  }

  /** A stage in a domain of its own on a stand-in that may have served others. */
  static async set(simulator: Simulator, domain: string, tally: Tally): Promise<Stage> {
    const world = await newWorld(simulator, domain);
    return new Stage(simulator, world, await look(simulator, world.domain), tally);
  }

  /** Takes a plugin that another stage has left. */
  use(plugin: Plugin | undefined): void {
    this.plugin = plugin;
  }

  /** Gives the plugin up, once whatever it has been left with is done. */
  async leave(): Promise<Plugin | undefined> {
    for (const orphan of this.orphans) await orphan.kill();
    return this.plugin;
  }

  /** Does one operation, and holds what is there then against what should be. */
  async step<T>(kind: string, detail: string, act: () => Promise<T>): Promise<T> {
    const began = Date.now();
    this.history.push(`${kind} ${detail}`);
    try {
      const value = await act();
      await this.hold();
      return value;
    } finally {
      this.tally.step(kind, Date.now() - began);
    }
  }

  /** `pulumi preview`. */
  preview(detail: string): Promise<Outcome> {
    return this.step("preview", detail, async () => this.engine.preview(await this.life(), this.program()));
  }

  /** `pulumi up` without its preview; one that succeeds moves the world on, and the preview after it is empty. */
  async update(detail: string, options: UpdateOptions = {}): Promise<Outcome> {
    const outcome = await this.step("update", detail, () => this.runUpdate(options));
    if (!outcome.ok) return outcome;
    const after = await this.preview(`after ${detail}`);
    if (!after.ok || after.changed.length > 0)
      throw new Error(`a preview right after an update shows ${JSON.stringify(after)}`);
    return outcome;
  }

  private async runUpdate({ parallel = 16, refresh, death, meanwhile }: UpdateOptions): Promise<Outcome> {
    const before = this.seen.mailboxes;
    const plugin = await this.life(death);
    if (refresh) {
      const refreshed = await this.engine.refresh(plugin);
      if (!refreshed.ok) return this.failed(refreshed);
      applyRefresh(this.world);
    }
    const updating = this.engine.update(plugin, this.program(), parallel);
    const [outcome] = await Promise.all([updating, meanwhile?.()]);
    if (outcome.ok) {
      applyUpdate(this.world, { hasDirectory: (name) => before.has(name) });
      this.learnPasswords();
      this.isAtRest = true;
    }
    return this.failed(outcome);
  }

  private failed(outcome: Outcome): Outcome {
    if (!outcome.ok) this.history.push(`  failed: ${outcome.errors.join(" | ").slice(0, 600)}`);
    return outcome;
  }

  /** Whether a plugin whose engine is gone may be at work. */
  get hasOrphans(): boolean {
    return this.orphans.length > 0;
  }

  /** Waits until plugins whose engine is gone have done what they were asked for. */
  async orphansIdle(): Promise<void> {
    for (const orphan of this.orphans) await orphan.idle();
  }

  /** Waits for plugins whose engine is gone, and looks at what they have left. */
  async orphansDone(): Promise<void> {
    if (this.orphans.length === 0) return;
    await this.step("orphan", "ends", async () => {
      await this.orphansIdle();
      for (const orphan of this.orphans.splice(0)) await orphan.kill();
    });
  }

  /** `pulumi refresh`, or the refresh of a preview, which is forgotten. */
  refresh(detail: string, isKept = true): Promise<Outcome> {
    return this.step("refresh", detail, async () => {
      const outcome = await this.engine.refresh(await this.life());
      if (outcome.ok && isKept) applyRefresh(this.world);
      return this.failed(outcome);
    });
  }

  /** The engine is gone: the plugin goes on with what it was asked for, and nobody hears of it. */
  abandonPlugin(): void {
    if (!this.plugin) return;
    this.orphans.push(this.plugin);
    this.plugin.forsake("the engine has been killed");
    this.plugin = undefined;
  }

  async killPlugin(): Promise<void> {
    await this.plugin?.kill();
  }

  /** Waits until the plugin has been asked for something. */
  async untilBusy(): Promise<void> {
    while (!this.plugin?.isBusy) await new Promise((done) => setTimeout(done, 5));
  }

  /** Looks until the service runs again by itself, within the supervisor's bound. */
  async untilServed(): Promise<void> {
    const until = Date.now() + (supervisorSeconds + 30) * 1000;
    for (;;) {
      const sight = await look(this.simulator, this.world.domain);
      const isHeld = sight.truth?.services.some(
        (row, at) => row["isRunning"] !== this.began.truth?.services[at]?.["isRunning"],
      );
      if (sight.service.running && sight.truth && !isHeld) return;
      if (Date.now() > until) throw new Error(`the service is not back by itself: ${JSON.stringify(sight.service)}`);
      await new Promise((done) => setTimeout(done, 250));
    }
  }

  /** A word for a secret that must be seen nowhere. */
  plant(name: string, secret: string): void {
    this.planted.plant(name, secret);
  }

  program() {
    return programOf(this.world, this.turn);
  }

  async life(death?: string): Promise<Plugin> {
    this.turn++;
    if (!this.plugin?.isAlive) this.plugin = new Plugin();
    await this.plugin.begin(this.config, death);
    return this.plugin;
  }

  /** A generated password is told in the state, and only there. */
  private learnPasswords(): void {
    for (const person of peopleWhere(this.world, (one) => one.isManaged)) {
      const told = this.engine.live("user", person.key)?.outs;
      const password = person.declared?.["password"] ?? told?.["initialPassword"];
      if (typeof password !== "string" || password === person.told) continue;
      person.password = password;
      person.told = password;
      this.planted.plant(`the password of ${person.key}`, password);
    }
  }

  private async hold(): Promise<void> {
    const { world, simulator } = this;
    const problems = await this.seenProblems();
    if (this.isAtRest) problems.push(...trueAtRest(world, this.seen, this.began, this.engine.state));
    const stored = this.engine.state.map(({ inputs, outs }) => [withoutSecrets(inputs), withoutSecrets(outs)]);
    this.planted.look("the state", JSON.stringify(stored));
    for (const plugin of [...this.orphans, this.plugin])
      if (plugin) this.planted.look("what the plugin said", plugin.said);
    const isCopy = (path: string) => path.endsWith("/copies");
    this.planted.lookBelow(join(simulator.state, "home/.pulumi-kerio"), isCopy);
    problems.push(...this.planted.found);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    if (world.unsettled.size === 0) this.owners = ownersOf(world, this.seen);
  }

  /** A look while a run is at work is torn where a mailbox moves meanwhile: what is wrong is wrong twice. */
  private async seenProblems(): Promise<string[]> {
    const { world, simulator } = this;
    for (let again = this.isAtRest ? 0 : 2; ; again--) {
      this.seen = await look(simulator, world.domain);
      const problems = alwaysTrue(world, this.seen, this.began, this.owners, simulator.info.store);
      if (problems.length === 0 || again === 0) return problems;
      await new Promise((done) => setTimeout(done, 300));
    }
  }

  /** Whether no run can be at work on the host: false from a death to the next look at the service. */
  isAtRest = true;

  /** What came before, and what is there. */
  account(): string {
    const { accounts, aliases, mailboxes, openSnapshots } = this.seen;
    const lines = [
      ...this.history.slice(-30),
      `accounts ${accounts.map((one) => `${one.name}${one.enabled ? "" : " (disabled)"} ${one.id}`).join(", ")}`,
      `aliases ${aliases.map((row) => `${String(row["name"])} -> ${String(row["deliverTo"])}`).join(", ")}`,
      `mailboxes ${[...mailboxes].map(([name, all]) => `${name} (${all.map((one) => one.subject).join(" ")})`).join(", ")}`,
      `state ${this.engine.state.map((one) => `${one.logicalName} ${String(one.outs["name"])} ${one.id}${one.isOld ? " old" : ""}`).join(", ")}`,
      `open snapshots ${openSnapshots.join(", ") || "none"}; domain ${this.world.domain}; stand-in ${this.simulator.state}`,
      `the plugin said:\n${this.plugin?.said.slice(-2000) ?? ""}`,
    ];
    return lines.join("\n");
  }
}

/** Shorter than anybody would set it, longer than a busy machine is late. */
export const supervisorSeconds = 12;

const secretOutputs = ["password", "initialPassword"];

function withoutSecrets(props: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(props).filter(([name]) => !secretOutputs.includes(name)));
}
