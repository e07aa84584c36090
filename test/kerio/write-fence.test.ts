import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { KerioError } from "../../provider/errors";
import { KerioClient } from "../../provider/kerio/client";
import { fenced, type Fence } from "../../provider/kerio/write-fence";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { apiSettings, countCalls } from "./stand-in";

const write = { method: "Version.getApiVersion", reply: z.object({}), doing: "writing", object: "server" };

/** A way to the server that takes a while to become one. */
class Detour {
  private readonly server: Server;
  /** Milliseconds before anything of a new connection is passed on. */
  wait = 0;
  /** The errors of the connections to us. */
  readonly errors: string[] = [];

  constructor(target: number) {
    this.server = createServer((near) => {
      near.on("error", ({ code }: NodeJS.ErrnoException) => this.errors.push(code ?? ""));
      setTimeout(() => {
        const far = connect(target, "127.0.0.1").on("error", () => near.destroy());
        near.pipe(far).pipe(near);
        near.on("close", () => far.destroy());
      }, this.wait);
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }
}

describe("a write behind the fence", () => {
  let server: Simulator;
  let detour: Detour;
  let client: KerioClient;

  beforeAll(async () => {
    server = await startSimulator();
    detour = new Detour(Number(new URL(server.info.adminUrl).port));
    client = new KerioClient(apiSettings(server, { url: await detour.open() }));
    await client.login();
  });

  afterEach(() => server.control.clearFaults());

  afterAll(async () => {
    client.forget();
    detour.close();
    await server.stop();
  });

  it("is not sent when its connection is there too late, and every attempt asks again", async () => {
    const before = await countCalls(server, write.method);
    let asked = 0;
    let until = 0;
    const pass = async () => {
      asked++;
      until = Date.now() + 100;
    };
    detour.wait = 300;
    await expect(fenced({ pass, until: () => until }, () => client.call(write))).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      outcome: "not-sent",
      message: expect.stringContaining("nothing was sent"),
    });
    detour.wait = 0;
    await sleep(300);
    expect(asked).toBe(3);
    expect(await countCalls(server, write.method)).toBe(before);
  });

  it("is not tried again once the fence is closed", async () => {
    const before = await countCalls(server, write.method);
    const lost = new KerioError("LOCK_LOST", { object: "mail host", doing: "going on", happened: "it is over" });
    const answers = [() => Promise.resolve(), () => Promise.reject(lost)];
    const fence: Fence = {
      pass: () => answers.shift()?.() ?? Promise.reject(new Error("asked once more")),
      until: () => 0,
    };
    await expect(fenced(fence, () => client.call(write))).rejects.toBe(lost);
    expect(await countCalls(server, write.method)).toBe(before);
  });

  it("waits for a slow answer for as long as the run is heard of", async () => {
    await server.control.fault("delay", { method: write.method, ms: 1000 });
    const fence: Fence = { pass: () => Promise.resolve(), until: () => Date.now() + 200 };
    await expect(fenced(fence, () => client.call(write))).resolves.toEqual({});
  });

  it("is broken off, and its connection reset, when the run may be over before the answer is there", async () => {
    await server.control.fault("delay", { method: write.method, ms: 5000 });
    const until = Date.now() + 1000;
    const begun = performance.now();
    await expect(
      fenced({ pass: () => Promise.resolve(), until: () => until }, () => client.call(write)),
    ).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    expect(performance.now() - begun).toBeLessThan(4000);
    await sleep(100);
    expect(detour.errors).toContain("ECONNRESET");
  });
});
