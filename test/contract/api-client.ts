import { NoAnswer, apiPath, type Wire, type WireAnswer } from "./wire";

/** An error that the server answered a whole call with. */
export class ApiError extends Error {
  constructor(
    readonly method: string,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** What a login gives. */
export interface ApiSession {
  token: string;
  cookie: string;
}

/** A reply as JSON-RPC has it. */
export interface RpcReply {
  id?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** How a call is made. */
export interface CallOptions {
  session?: ApiSession;
  limitMs?: number;
}

/** Calls methods as one administrator; logs in at the first call and again when the session is over. */
export class ApiClient {
  /** Texts that no report may hold. */
  readonly secrets = new Set<string>();
  private own: ApiSession | undefined;
  private nextId = 1;

  constructor(
    readonly wire: Wire,
    private readonly credentials: { username: string; password: string },
  ) {
    this.secrets.add(credentials.password);
  }

  /** Gives `result`; throws {@link ApiError}, or NoAnswer. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every method has its own answer
  async call<T = any>(method: string, params: object = {}, options: CallOptions = {}): Promise<T> {
    const session = options.session ?? (this.own ??= await this.login());
    try {
      return (await this.send(method, params, { ...options, session })) as T;
    } catch (error) {
      if (options.session || !(error instanceof ApiError) || error.code !== -32001) throw error;
      this.own = await this.login();
      return (await this.send(method, params, { ...options, session: this.own })) as T;
    }
  }

  /** A session of its own, of the administrator or of somebody else. Throws {@link ApiError}. */
  async login(as: { username: string; password: string } = this.credentials): Promise<ApiSession> {
    const answer = await this.loginAnswer(as);
    const { token } = resultOf("Session.login", answer) as { token: string };
    const cookies = (answer.headers["set-cookie"] ?? []).map((cookie) => cookie.split(";", 1)[0] ?? "");
    for (const secret of [token, ...cookies.map((each) => each.split("=")[1] ?? "")]) this.secrets.add(secret);
    return { token, cookie: cookies.join("; ") };
  }

  /** The answer to a login as it came. */
  loginAnswer({ username, password } = this.credentials, application: unknown = self): Promise<WireAnswer> {
    return this.post("Session.login", { userName: username, password, application });
  }

  /** The session in use. */
  async session(): Promise<ApiSession> {
    return (this.own ??= await this.login());
  }

  /** The answer to any call as it came. */
  post(method: string, params: unknown, { session, limitMs }: CallOptions = {}): Promise<WireAnswer> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: this.nextId++, method, params });
    return this.wire.exchange({
      body,
      headers: { ...plainHeaders, ...headersOf(session) },
      ...(limitMs !== undefined && { limitMs }),
    });
  }

  /** Uploads a file in the session in use; gives its id. */
  async upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const form = new FormData();
    form.append("file", new Blob([bytes], { type: "image/png" }), name);
    const framed = new Request("http://form", { method: "POST", body: form });
    const headers = {
      ...headersOf(await this.session()),
      Accept: "application/json-rpc",
      "Content-Type": framed.headers.get("Content-Type") ?? "",
    };
    const body = Buffer.from(await framed.arrayBuffer());
    const answer = await this.wire.exchange({ path: `${apiPath}upload`, headers, body });
    const { fileUpload } = resultOf("upload", answer) as { fileUpload?: { id?: string } };
    if (!fileUpload?.id) throw new ApiError("upload", 0, "the answer holds no fileUpload.id");
    return fileUpload.id;
  }

  /** Ends the session in use. */
  async logout(): Promise<void> {
    const session = this.own;
    this.own = undefined;
    if (session) await this.post("Session.logout", {}, { session });
  }

  private async send(method: string, params: object, options: CallOptions): Promise<unknown> {
    return resultOf(method, await this.post(method, params, options));
  }
}

/** The headers that make a call one of a session. */
export function headersOf(session: ApiSession | undefined): Record<string, string> {
  return session ? { "X-Token": session.token, Cookie: session.cookie } : {};
}

/** The headers the official clients send. */
export const plainHeaders = {
  Accept: "application/json-rpc",
  "Content-Type": "application/json-rpc; charset=UTF-8",
};

/** The body of an answer, read. Throws {@link NoAnswer} when it is no JSON. */
export function replyOf({ status, text }: WireAnswer): RpcReply {
  try {
    return JSON.parse(text) as RpcReply;
  } catch (error) {
    throw new NoAnswer(`HTTP ${status} with a body that is no JSON`, { cause: error });
  }
}

/** What the promise gives, or the error the server answered with. */
export async function outcomeOf<T>(
  promise: Promise<T>,
): Promise<{ result: T; error?: undefined } | { result?: undefined; error: ApiError }> {
  try {
    return { result: await promise };
  } catch (error) {
    if (error instanceof ApiError) return { error };
    throw error;
  }
}

function resultOf(method: string, answer: WireAnswer): unknown {
  const { result, error } = replyOf(answer);
  if (error) throw new ApiError(method, error.code, error.message);
  return result;
}

const self = { name: "Contract suite", vendor: "pulumi-kerio", version: "1" };
