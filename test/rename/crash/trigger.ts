import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KerioError } from "../../../provider/errors";
import type { KerioClient } from "../../../provider/kerio/client";
import type { RunHooks } from "../../../provider/rename/run-context";
import { hookOf, type Point } from "./points";

/** Directories of the mail host. */
export interface Places {
  /** Where the supervisor's files lie. */
  state: string;
  /** Where the mailboxes lie. */
  domain: string;
}

/** The subject of the message that {@link plantStray} leaves. */
export const straySubject = "meanwhile under the old name";

/** What a message makes that reaches the old account between start and removal: a directory nobody sees. */
export function plantStray(domain: string, name = "jdoe"): void {
  const folder = join(domain, name, "INBOX/#msgs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "00000001.eml"), `Subject: ${straySubject}\r\n\r\nA message.\r\n`);
}

/** Leaves that message when a run comes to the step before the one that looks for it. */
export function strayBefore(here: string, point: Point, { domain }: Places): void {
  if (point.step === "sweep-strays" && here === hookOf({ ...point, step: "record-results" }))
    plantStray(domain, point.who);
}

/** Refuses a run that is to be taken back, as late as that can be: there is most to give back then. */
export function refuseBefore(here: string, point: Point): void {
  if (point.step !== "roll-back" || here !== "remove-old") return;
  throw new KerioError("API_REFUSED", {
    object: "the test",
    doing: "removing the old account",
    happened: "it is refused",
    outcome: "rejected",
  });
}

/** Calls `strike` once, when a run reaches its point. */
export class Trigger {
  readonly hooks: RunHooks;
  private armed = false;
  private struck = false;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly point: Point,
    private readonly places: Places,
    private readonly strike: () => Promise<void> | void,
  ) {
    this.hooks = {
      before: async (step) => {
        strayBefore(step, point, places);
        refuseBefore(step, point);
        if (step !== hookOf(point)) return;
        if (point.at === "before") await this.once();
        else if (point.at === "unheard") this.arm(point.write);
      },
      after: async (step) => {
        if (step !== hookOf(point)) return;
        clearInterval(this.poll);
        this.armed = false;
        if (point.at === "after") await this.once();
      },
    };
  }

  /** Has the answers of a client's writes lost at the point. */
  watch(client: KerioClient): void {
    const call = client.call.bind(client) as (call: { method: string }) => Promise<unknown>;
    const watched = async (made: { method: string }): Promise<unknown> => {
      const answer = await call(made);
      if (!this.armed || this.point.at !== "unheard" || made.method !== this.point.write) return answer;
      await this.once();
      throw new KerioError("OUTCOME_UNKNOWN", {
        object: "the test",
        doing: made.method,
        happened: "the answer is lost",
        outcome: "unknown",
      });
    };
    client.call = watched as KerioClient["call"];
  }

  private arm(write: string): void {
    this.armed = true;
    const verb = /^host (.*)/.exec(write)?.[1];
    if (verb === undefined) return;
    const known = new Set(this.commands().map(({ file }) => file));
    this.poll = setInterval(() => {
      const command = this.commands().find(({ file, text }) => !known.has(file) && text.split("\n", 1)[0] === verb);
      if (command) void this.once();
    }, 5);
  }

  private commands(): { file: string; text: string }[] {
    try {
      const runs = readdirSync(join(this.places.state, "runs"), { recursive: true, encoding: "utf8" });
      return runs
        .filter((name) => /\/command\.\d+$/.test(name))
        .map((name) => ({ file: name, text: readFileSync(join(this.places.state, "runs", name), "utf8") }));
    } catch (error) {
      // The run's directory comes and goes.
      if ((error as { code?: string }).code === "ENOENT") return [];
      throw error;
    }
  }

  private async once(): Promise<void> {
    clearInterval(this.poll);
    if (this.struck) return;
    this.struck = true;
    await this.strike();
  }
}
