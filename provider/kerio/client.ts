import { z } from "zod";
import { KerioError } from "../errors";
import { silentLogger, type Logger } from "../log";
import { callPolicy, loop } from "../retry";
import { orVariable, settingCommand, settingKey } from "../setting-key";
import type { ApiSettings } from "./api-settings";
import { accessDenied, roleAdvice } from "./role-advice";
import { decode, encode, protocolCodes, requestTimeout, sessionExpired, type RpcError, type RpcReply } from "./rpc";
import { Transport } from "./transport";
import { passFence, type Fence } from "./write-fence";

/** One call of the Administration API. */
export interface ApiCall<S extends z.ZodType> {
  /** The vendor's name: `Users.get`. */
  method: string;
  params?: object;
  /** Makes the form of an upload, anew for every attempt; it takes the place of method and parameters. */
  form?: () => FormData;
  /** The form of `result`. Unknown further members are accepted. */
  reply: S;
  /** A verb phrase for errors: `listing users`. */
  doing: string;
  /** The object for errors: `domain example.com`. */
  object: string;
  /** Whether repeating it is harmless. Default false. */
  safe?: boolean;
  /**
   * Whether to log in when there is no session or it has expired. Default true. With false the call fails with
   * SESSION_EXPIRED instead: for calls that must meet the same run of the server as the ones before them.
   */
  relogin?: boolean;
  /** Seconds; default the settings' `request`. */
  timeout?: number;
  signal?: AbortSignal;
}

/** The parts of a call that the callers of the typed methods may set. */
export type CallOptions = Partial<Pick<ApiCall<z.ZodType>, "doing" | "object" | "relogin" | "timeout" | "signal">>;

/** What a client can be given besides its settings. */
export interface ClientOptions {
  log?: Logger;
  /** Whether reads share connections. Default true. */
  agentKeepAlive?: boolean;
}

const loginReply = z.object({ token: z.string().min(1) });

interface Session {
  token: string;
  cookies: string;
}

/**
 * The Administration API of one server, logged in as one administrator. Logs in at the first call and again when the
 * session has expired; a refused login is remembered and never repeated, because the server locks accounts.
 */
export class KerioClient {
  private readonly transport: Transport;
  private readonly log: Logger;
  private session: Session | undefined;
  private pendingLogin: Promise<Session> | undefined;
  private refused: KerioError | undefined;
  private nextId = 1;
  /** Grows with each {@link forget}, so that a login begun before it cannot install its dead session after it. */
  private era = 0;

  constructor(
    readonly settings: ApiSettings,
    options: ClientOptions = {},
  ) {
    this.transport = new Transport(settings, { keepAlive: options.agentKeepAlive });
    this.log = options.log ?? silentLogger;
  }

  /**
   * Makes one call and returns its checked result.
   * @throws KerioError CONNECTION_FAILED, CERTIFICATE_UNTRUSTED, AUTH_REFUSED: nothing happened. API_REFUSED,
   * SESSION_EXPIRED: the server said no. TIMEOUT, OUTCOME_UNKNOWN, UNEXPECTED_REPLY with outcome `unknown`: look again.
   */
  async call<S extends z.ZodType>(call: ApiCall<S>): Promise<z.output<S>> {
    const relogin = call.relogin ?? true;
    if (!relogin && !this.session) throw this.expired(call, "there is no session");
    let session = await this.ensureSession(call);
    let reply = await this.exchange(call, session);
    if (reply.kind === "error" && reply.error.code === sessionExpired) {
      this.drop(session);
      if (!relogin) throw this.expired(call, reply.error.message);
      // A call answered so was not executed: repeating it once is harmless, a write too.
      session = await this.ensureSession(call);
      reply = await this.exchange(call, session);
      if (reply.kind === "error" && reply.error.code === sessionExpired) {
        this.drop(session);
        throw this.expired(call, `${reply.error.message}, right after a new login`);
      }
    }
    if (reply.kind === "error") throw refusal(call, reply.error, this.settings);
    return checked(call, reply.result);
  }

  /**
   * Logs in unless there is a session. Calls do so themselves; needed only before calls with `relogin: false`.
   * @throws KerioError AUTH_REFUSED, at once and without asking the server if it has refused before
   */
  async login(options: CallOptions = {}): Promise<void> {
    await this.ensureSession({ object: `server ${this.settings.url}`, doing: "logging in", ...options });
  }

  /** The server was restarted: drops the session and every connection, without a word to the server. */
  forget(): void {
    this.era++;
    this.session = undefined;
    this.pendingLogin = undefined;
    this.transport.close();
  }

  /** Ends the session, if there is one, and closes the connections. Never fails: an unheard logout only expires later. */
  async logout(): Promise<void> {
    const session = this.session;
    if (session) {
      const call = {
        method: "Session.logout",
        doing: "logging out",
        object: `server ${this.settings.url}`,
        timeout: 5,
      };
      await this.send(call, session).catch((error: KerioError) => this.log.progress(error.message));
    }
    this.forget();
  }

  private async ensureSession(context: CallContext): Promise<Session> {
    if (this.session) return this.session;
    if (this.refused) throw this.refused;
    // Several calls that find no session share one login.
    const pending = (this.pendingLogin ??= this.startLogin(context));
    return pending;
  }

  private startLogin(context: CallContext): Promise<Session> {
    const era = this.era;
    const pending: Promise<Session> = this.requestLogin(context)
      .then((session) => {
        if (this.era === era) this.session = session;
        return session;
      })
      .finally(() => {
        if (this.pendingLogin === pending) this.pendingLogin = undefined;
      });
    return pending;
  }

  private async requestLogin({ object, timeout }: CallContext): Promise<Session> {
    const doing = "logging in to the Administration API";
    const { username, password } = this.settings;
    const application = { name: "pulumi-kerio", vendor: "pulumi-kerio", version: "1" };
    const call = {
      method: "Session.login",
      params: { userName: username, password, application },
      reply: loginReply,
      doing,
      object,
      timeout,
    };
    // Not marked safe: with a wrong password each repetition would count towards the lockout.
    const { reply, cookies } = await this.repeatedly(call, undefined);
    if (reply.kind === "error") {
      if (protocolCodes.has(reply.error.code)) throw refusal(call, reply.error, this.settings);
      this.refused = this.authRefused(object, reply.error);
      throw this.refused;
    }
    return { token: checked(call, reply.result).token, cookies };
  }

  private async exchange(call: SentCall, session: Session): Promise<RpcReply> {
    return (await this.repeatedly(call, session)).reply;
  }

  private repeatedly(call: SentCall, session: Session | undefined): Promise<Received> {
    const onRetry = ({ attempt, attempts, error }: { attempt: number; attempts: number; error: unknown }) =>
      this.log.progress(`${(error as Error).message} Attempt ${attempt} of ${attempts}; trying again.`);
    const options = { safe: call.safe ?? false, policy: callPolicy, signal: call.signal, onRetry };
    // A login changes nothing, and is needed to look.
    const isWrite = session !== undefined && !options.safe;
    return loop(options, async () => this.send(call, session, isWrite ? await passFence() : undefined));
  }

  private async send(call: SentCall, session: Session | undefined, fence?: Fence): Promise<Received> {
    const { doing, object, signal, safe = false } = call;
    const id = this.nextId++;
    const answer = await this.transport.post({
      body: call.form?.() ?? encode(id, call.method, call.params, session?.token),
      headers: session ? { "X-Token": session.token, Cookie: session.cookies } : {},
      timeout: call.timeout ?? this.settings.timeouts.request,
      fresh: !safe,
      signal,
      fence,
      doing,
      object,
    });
    const reply = decode(answer.text, call.form ? undefined : id);
    // The body is judged first: refusals arrive as HTTP 200.
    if (reply && (answer.status === 200 || reply.kind === "error")) {
      const cookies = answer.setCookies.map((cookie) => cookie.split(";", 1)[0] ?? "").filter((pair) => pair !== "");
      return { reply, cookies: cookies.join("; ") };
    }
    const said = answer.status === 200 ? "something else than the Administration API does" : `HTTP ${answer.status}`;
    throw new KerioError("UNEXPECTED_REPLY", {
      object,
      doing,
      happened: `${call.method} was answered by ${this.settings.url} with ${said}`,
      next: `Check that ${settingKey("url", this.settings.name)} is the address of the administration (port 4040 as a rule).`,
      outcome: answer.status >= 300 && answer.status < 500 ? "rejected" : "unknown",
    });
  }

  private drop(session: Session): void {
    if (this.session === session) this.session = undefined;
  }

  private expired({ object, doing }: CallContext, why: string): KerioError {
    return new KerioError("SESSION_EXPIRED", {
      object,
      doing,
      happened: `the administration session is over (${why})`,
      next: `If this happens again, check that ${settingKey("username", this.settings.name)} has administration rights.`,
      outcome: "rejected",
      apiCode: sessionExpired,
    });
  }

  private authRefused(object: string, error: RpcError): KerioError {
    const { name, username, url } = this.settings;
    const check =
      `Check ${settingKey("username", name)} and ${settingKey("password", name)} ` +
      `(${settingCommand("password", name, { secret: true })}${orVariable("password", this.settings)}). The login is not tried again, because the server ` +
      "locks accounts after repeated failures.";
    return new KerioError("AUTH_REFUSED", {
      object,
      doing: `logging in to ${url} as ${username}`,
      happened: `the server refused: ${withoutStop(error.message) || "no reason given"} (code ${error.code})`,
      next:
        `${error.code === accessDenied ? roleAdvice(this.settings) : check} ` +
        "`pulumi refresh` and `pulumi destroy` use the settings stored in the " +
        "state, so after a change of the password run `pulumi up` first, or `pulumi refresh --run-program`.",
      outcome: "rejected",
      apiCode: error.code,
    });
  }
}

/** A call without the form of its reply. */
type SentCall = Omit<ApiCall<z.ZodType>, "reply">;
type CallContext = Pick<SentCall, "object" | "doing" | "timeout">;

interface Received {
  reply: RpcReply;
  cookies: string;
}

function refusal({ object, doing }: CallContext, error: RpcError, settings: ApiSettings): KerioError {
  if (error.code === requestTimeout) {
    return new KerioError("TIMEOUT", {
      object,
      doing,
      happened: `the server gave up on the call (code ${error.code}), so it is unknown whether it took effect`,
      outcome: "unknown",
      apiCode: error.code,
    });
  }
  return new KerioError("API_REFUSED", {
    object,
    doing,
    happened: `the server refused: ${withoutStop(error.message) || "no reason given"} (code ${error.code})`,
    ...(error.code === accessDenied && { next: roleAdvice(settings) }),
    outcome: "rejected",
    apiCode: error.code,
    apiMessage: error.message,
  });
}

function checked<S extends z.ZodType>(call: ApiCall<S>, result: unknown): z.output<S> {
  const parsed = call.reply.safeParse(result);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("") ?? "";
  throw new KerioError("UNEXPECTED_REPLY", {
    object: call.object,
    doing: call.doing,
    happened: `the answer to ${call.method} has an unknown form at result${path}: ${issue?.message ?? "no reason given"}`,
    next: "Please report this with the version of the mail server.",
    outcome: call.safe ? "rejected" : "unknown",
  });
}

function withoutStop(message: string): string {
  return message.trim().replace(/\.$/, "");
}
