import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer, type Server as SecureServer } from "node:https";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ApiSettings } from "../../provider/kerio/api-settings";
import { KerioClient } from "../../provider/kerio/client";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { apiSettings } from "./stand-in";

const anyCall = { method: "Version.getApiVersion", reply: z.object({}), doing: "asking", object: "server" };

function failing(settings: ApiSettings, timeout?: number): Promise<unknown> {
  const client = new KerioClient(settings);
  return client.call({ ...anyCall, safe: true, timeout }).finally(() => client.forget());
}

function addressOf(server: Server | SecureServer, host = "127.0.0.1"): string {
  return `https://${host}:${(server.address() as AddressInfo).port}`;
}

describe("against the stand-in", () => {
  let server: Simulator;

  beforeAll(async () => {
    server = await startSimulator();
  });

  afterAll(() => server.stop());

  it("trusts the authority in caFile, and not without it", async () => {
    await expect(failing(apiSettings(server))).resolves.toEqual({});
    await expect(failing(apiSettings(server, { ca: undefined }))).rejects.toMatchObject({
      code: "CERTIFICATE_UNTRUSTED",
      outcome: "not-sent",
      message: expect.stringContaining("pulumi config set kerio:caFile ca.pem"),
    });
    expect((await server.control.calls()).filter(({ method }) => method === "Session.login")).toHaveLength(1);
  });

  it("is not talked out of it by the environment", async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      await expect(failing(apiSettings(server, { ca: undefined }))).rejects.toMatchObject({
        code: "CERTIFICATE_UNTRUSTED",
      });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it("attaches nothing of the request to its errors", async () => {
    const password = "planted-secret";
    const error: unknown = await failing(apiSettings(server, { ca: undefined, password })).catch((e: unknown) => e);
    const cause = (error as Error).cause as Error;
    expect(Object.keys(cause)).toEqual([]);
    expect(`${String(error)} ${JSON.stringify(error)} ${cause.stack}`).not.toContain(password);
  });
});

describe("a self-signed certificate", () => {
  let server: SecureServer;
  let certificate: string;

  beforeAll(async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const made = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=kerio",
      notAfter: new Date(Date.now() + 3_600_000),
      signingAlgorithm: algorithm,
      keys,
    });
    certificate = made.toString("pem");
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    server = createServer({ cert: certificate, key }, (request, response) => {
      request.resume().on("end", () => response.writeHead(302, { Location: "https://example.com/" }).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const settings = (ca?: string): ApiSettings => ({
    url: addressOf(server),
    username: "Admin",
    password: "planted",
    ca,
    timeouts: { request: 5, connect: 5 },
  });

  it("is refused, and accepted under any name once it is pinned; redirects are not followed", async () => {
    await expect(failing(settings())).rejects.toMatchObject({ code: "CERTIFICATE_UNTRUSTED" });
    await expect(failing(settings(certificate))).rejects.toMatchObject({
      code: "UNEXPECTED_REPLY",
      outcome: "rejected",
      message: expect.stringContaining("with HTTP 302"),
    });
  });
});

describe("a host that does not answer", () => {
  const sockets = new Set<Socket>();
  const settings = (url: string, connect = 5): ApiSettings => ({
    url,
    username: "Admin",
    password: "planted",
    timeouts: { request: 5, connect },
  });

  it("and takes no connection: nothing was sent", async () => {
    const closed = createTcpServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const url = addressOf(closed);
    await new Promise((resolve) => closed.close(resolve));
    await expect(failing(settings(url))).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      outcome: "not-sent",
      message: expect.stringMatching(/ECONNREFUSED.*Check kerio:url/),
    });
  });

  it("and does not exist: nothing was sent", async () => {
    await expect(failing(settings("https://mail.invalid:4040"))).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });

  it("and takes the connection but never speaks: given up in the time for connecting", async () => {
    const silent = createTcpServer((socket) => sockets.add(socket.on("error", () => socket.destroy())));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    try {
      await expect(failing(settings(addressOf(silent), 0.1))).rejects.toMatchObject({
        code: "CONNECTION_FAILED",
        outcome: "not-sent",
        message: expect.stringContaining("within 0.1 s"),
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});

it("a port without TLS is told as such", async () => {
  const plain = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done));
  const url = addressOf(plain);
  const timeouts = { request: 5, connect: 5 };
  try {
    const error: unknown = await failing({ url, username: "Admin", password: "secret", timeouts }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: "CONNECTION_FAILED", outcome: "not-sent" });
    expect((error as Error).message).toContain(`no connection to ${url}: that port speaks no TLS. Check kerio:url`);
    expect((error as Error).message).not.toContain("\n");
  } finally {
    plain.close();
  }
});
