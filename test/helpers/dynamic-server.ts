import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { runtime } from "@pulumi/pulumi";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { bridge, Kind } from "../../provider/dynamic/bridge";
import { EngineEar } from "./engine-ear";

/** Inputs or outputs as they travel. */
export type Props = Record<string, unknown>;

/** How the engine learns that a resource exists but is not finished. */
export class PartialFailure extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Props,
    readonly reasons: string[],
  ) {
    super(message);
  }
}

const root = resolve(__dirname, "../..");
const startLimitMs = 30_000;
const callLimitMs = 240_000;

/** The text that Pulumi would store for a kind; of the package as built, since a test runner rewrites what it loads. */
export async function providerText(kind: Kind): Promise<string> {
  const load = createRequire(__filename);
  const built = load(join(root, "dist/provider/dynamic/bridge.js")) as { bridge: typeof bridge };
  const provider = built.bridge(kind);
  return (await runtime.serializeFunction(() => provider, { allowSecrets: true })).text;
}

/** Pulumi's own host of dynamic providers, spoken to as the engine speaks to it. */
export class DynamicServer {
  private readonly texts = new Map<Kind, Promise<string>>();
  /** What the plugin wrote to its own output, the port aside. */
  output = "";

  private constructor(
    private readonly child: ChildProcess,
    private readonly client: ResourceProviderClient,
    /** What the plugin told the engine. */
    readonly ear: EngineEar,
  ) {}

  /** @param config the whole stack configuration, keys with their namespace */
  static async start(config: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<DynamicServer> {
    const ear = await EngineEar.open();
    const host = join(root, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js");
    const child = spawn(process.execPath, [host, ear.address], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const port = await firstLine(child);
    const credentials = grpc.credentials.createInsecure();
    const server = new DynamicServer(child, new ResourceProviderClient(`127.0.0.1:${port}`, credentials), ear);
    child.stdout?.on("data", (part: string) => (server.output += part));
    child.stderr?.on("data", (part: string) => (server.output += part));
    const request = new proto.ConfigureRequest();
    request.setArgs(struct(config));
    await server.ask("configure", request);
    return server;
  }

  /** Uses a stored text in place of today's. */
  useText(kind: Kind, text: string): void {
    this.texts.set(kind, Promise.resolve(text));
  }

  async check(kind: Kind, olds: Props, news: Props): Promise<{ inputs: Props; failures: string[] }> {
    const request = new proto.CheckRequest();
    request.setOlds(struct(await this.carry(kind, olds)));
    request.setNews(struct(await this.carry(kind, news)));
    const reply = await this.ask<proto.CheckResponse>("check", request);
    const failures = reply.getFailuresList().map((one) => `${one.getProperty()}|${one.getReason()}`);
    return { inputs: plain(reply.getInputs()), failures };
  }

  async diff(kind: Kind, id: string, olds: Props, news: Props): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new proto.DiffRequest();
    request.setId(id);
    request.setOlds(struct(await this.carry(kind, olds)));
    request.setNews(struct(await this.carry(kind, news)));
    const reply = await this.ask<proto.DiffResponse>("diff", request);
    const changes = reply.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME;
    return { changes, replaces: reply.getReplacesList() };
  }

  async create(kind: Kind, inputs: Props): Promise<{ id: string; outs: Props }> {
    const request = new proto.CreateRequest();
    request.setProperties(struct(await this.carry(kind, inputs)));
    const reply = await this.ask<proto.CreateResponse>("create", request);
    return { id: reply.getId(), outs: plain(reply.getProperties()) };
  }

  async read(kind: Kind, id: string, props: Props): Promise<{ id: string; props: Props; inputs: Props }> {
    const request = new proto.ReadRequest();
    request.setId(id);
    request.setProperties(struct(await this.carry(kind, props)));
    const reply = await this.ask<proto.ReadResponse>("read", request);
    return { id: reply.getId(), props: plain(reply.getProperties()), inputs: plain(reply.getInputs()) };
  }

  async update(kind: Kind, id: string, olds: Props, news: Props): Promise<Props> {
    const request = new proto.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(await this.carry(kind, olds)));
    request.setNews(struct(await this.carry(kind, news)));
    return plain((await this.ask<proto.UpdateResponse>("update", request)).getProperties());
  }

  async delete(kind: Kind, id: string, props: Props): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setId(id);
    request.setProperties(struct(await this.carry(kind, props)));
    await this.ask("delete", request);
  }

  /** Ends it as the engine does, and by force when it does not end. */
  async stop(): Promise<void> {
    this.client.close();
    this.ear.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
      this.child.once("exit", () => {
        clearTimeout(timer);
        done();
      });
      this.child.kill("SIGINT");
    });
  }

  private async carry(kind: Kind, props: Props): Promise<Props> {
    const text = this.texts.get(kind) ?? providerText(kind);
    this.texts.set(kind, text);
    return { ...props, __provider: await text };
  }

  private ask<Reply>(method: string, request: object): Promise<Reply> {
    type Call = (
      request: object,
      options: object,
      done: (error: grpc.ServiceError | null, reply: Reply) => void,
    ) => void;
    const call = (this.client as unknown as Record<string, Call>)[method];
    return new Promise((done, fail) =>
      call?.call(this.client, request, { deadline: Date.now() + callLimitMs }, (error, reply) =>
        error ? fail(partialFailure(error) ?? new Error(error.details)) : done(reply),
      ),
    );
  }
}

/** What a resource's life in the engine's hands is: preview and update of one declared state, in the engine's order. */
export async function applied(
  server: DynamicServer,
  kind: Kind,
  state: { id: string; inputs: Props; outs: Props } | undefined,
  declared: Props,
  beforeDelete: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ id: string; inputs: Props; outs: Props }> {
  const first = await server.check(kind, state?.inputs ?? {}, declared);
  if (first.failures.length > 0) throw new Error(first.failures.join("\n"));
  if (!state) return { ...(await server.create(kind, first.inputs)), inputs: first.inputs };
  const { changes, replaces } = await server.diff(kind, state.id, state.outs, first.inputs);
  if (!changes) return state;
  if (replaces.length === 0)
    return { id: state.id, inputs: first.inputs, outs: await server.update(kind, state.id, state.outs, first.inputs) };
  const second = await server.check(kind, {}, declared);
  if (second.failures.length > 0) throw new Error(second.failures.join("\n"));
  const made = { ...(await server.create(kind, second.inputs)), inputs: second.inputs };
  await beforeDelete();
  await server.delete(kind, state.id, state.outs);
  return made;
}

function struct(value: object): Struct {
  return Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
}

function plain(value: Struct | undefined): Props {
  const rest = (value?.toJavaScript() ?? {}) as Props;
  delete rest["__provider"];
  return rest;
}

function partialFailure(error: grpc.ServiceError): PartialFailure | undefined {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (!(details instanceof Buffer)) return undefined;
  for (const one of Status.deserializeBinary(details).getDetailsList()) {
    const failed = proto.ErrorResourceInitFailed.deserializeBinary(one.getValue_asU8());
    const properties = (failed.getProperties()?.toJavaScript() ?? {}) as Props;
    return new PartialFailure(error.details, failed.getId(), properties, failed.getReasonsList());
  }
  return undefined;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = "";
    const timer = setTimeout(() => fail(new Error(`no port within ${startLimitMs / 1000} s: ${text}`)), startLimitMs);
    child.stderr?.setEncoding("utf8").once("data", (part: string) => (text += part));
    child.stdout?.setEncoding("utf8").on("data", function listen(part: string) {
      text += part;
      if (!text.includes("\n")) return;
      clearTimeout(timer);
      child.stdout?.off("data", listen);
      done(text.trim());
    });
    child.once("exit", (code) => fail(new Error(`the host ended with ${code}: ${text}`)));
  });
}
