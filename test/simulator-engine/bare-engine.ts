import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine } from "../simulator/engine/engine";
import { dispatch } from "../simulator/engine/rpc/dispatch";
import { seedState } from "../simulator/engine/seed";
import type { Session } from "../simulator/engine/sessions";
import type { User } from "../simulator/engine/state";
import { saveState } from "../simulator/engine/state-storage";
import { writingOf } from "../simulator/engine/writing-of";

/** A refusal of a whole call. */
export class CallRefused extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(`${message} (${code})`);
  }
}

/** An engine in this process, without ports and without a host. */
export class BareEngine {
  readonly engine: Engine;
  private session: Session;

  constructor(switches: Record<string, string> = {}, seed: "empty" | "demo" | "first-run" = "empty") {
    const directory = mkdtempSync(join(tmpdir(), "engine-"));
    const environment = {
      host: "127.0.0.1",
      adminPort: 0,
      smtpPort: 0,
      submissionPort: 0,
      imapPort: 0,
      licenceSeats: 25,
      switches,
      certificateFile: "",
      keyFile: "",
      startDelayMs: 0,
      stopDelayMs: 0,
      firstRun: false,
      seed,
      admin: { user: "Admin", password: "Secret-7" },
    };
    this.engine = new Engine(directory, directory, environment, seedState(environment));
    this.engine.save = () => saveState(directory, this.engine.state, writingOf(this.engine));
    mkdirSync(join(this.engine.store, "mail"), { recursive: true });
    this.session = this.engine.sessions.open("Admin", undefined);
  }

  /** The id of the first domain. */
  get domain(): string {
    return this.engine.state.domains[0]?.id ?? "";
  }

  /** Calls as the built-in administrator, or with another session; gives `result`, throws {@link CallRefused}. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every method has its own answer
  async call<T = any>(method: string, params: unknown = {}, session: Session | undefined = this.session): Promise<T> {
    const { error, result } = await dispatch(this.engine, { method, params, session, clientAddress: "127.0.0.1" });
    if (error) {
      const { code, message } = error as { code: number; message: string };
      throw new CallRefused(code, message);
    }
    return JSON.parse(JSON.stringify(result)) as T;
  }

  /** Sets switches. */
  choose(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) this.engine.switches.choose(name, value);
  }

  /** The errors of a create in the first domain: `what` is the interface, `item` the object. */
  async errorsOf(what: string, item: object): Promise<{ code: number }[]> {
    return (await this.create(what, item)).errors;
  }

  /** The id of an object that is made in the first domain. */
  async idOf(what: string, item: object): Promise<string> {
    return (await this.create(what, item)).result[0]?.id ?? "";
  }

  private create(what: string, item: object): Promise<{ errors: { code: number }[]; result: { id: string }[] }> {
    const key = what.charAt(0).toLowerCase() + what.slice(1);
    return this.call(`${what}.create`, { [key]: [{ domainId: this.domain, ...item }] });
  }

  /** Makes an account and gives it. */
  async user(loginName: string, more: object = {}): Promise<User> {
    const users = [{ domainId: this.domain, loginName, password: "Xk7-pretty-long", ...more }];
    const { result, errors } = await this.call("Users.create", { users });
    const made = this.engine.user(result[0]?.id ?? "");
    if (!made) throw new Error(JSON.stringify(errors));
    return made;
  }

  /** A session of an account with this role. */
  async as(userRole: string): Promise<Session> {
    const role = { userRole, publicFolderRight: false, archiveFolderRight: false };
    const user = await this.user(`as.${userRole.toLowerCase()}.${this.engine.state.users.length}`, { role });
    return this.engine.sessions.open(user.loginName, user, "127.0.0.1");
  }

  /** Removes its directory. */
  remove(): void {
    rmSync(this.engine.programDir, { recursive: true, force: true });
  }
}
