import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** One paragraph that the plugin has sent to the engine. */
export interface Heard {
  /** 1 info, 2 warning, 3 error, as the engine counts. */
  severity: number;
  text: string;
  ephemeral: boolean;
}

/** The part of the engine that a plugin talks back to: it hears log messages. */
export class EngineEar {
  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
    readonly heard: Heard[],
  ) {}

  static async open(): Promise<EngineEar> {
    const heard: Heard[] = [];
    const server = new grpc.Server();
    const refuse: grpc.handleUnaryCall<unknown, unknown> = (_call, reply) =>
      reply({ code: grpc.status.UNIMPLEMENTED, details: "not a whole engine" });
    const log: grpc.handleUnaryCall<LogRequest, Empty> = ({ request }, reply) => {
      heard.push({ severity: request.getSeverity(), text: request.getMessage(), ephemeral: request.getEphemeral() });
      reply(null, new Empty());
    };
    const methods = Object.keys(EngineService).map((name) => [name, name === "log" ? log : refuse]);
    server.addService(
      EngineService as unknown as grpc.ServiceDefinition,
      Object.fromEntries(methods) as grpc.UntypedServiceImplementation,
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return new EngineEar(server, `127.0.0.1:${port}`, heard);
  }

  /** Everything heard so far, one paragraph per line. */
  text(): string {
    return this.heard.map((one) => one.text).join("\n");
  }

  close(): void {
    this.server.forceShutdown();
  }
}
