import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { loginBody, rawCall } from "./raw-call";
import { post, rawSocket } from "./raw-socket";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    switches: { "largest-request-bytes": "20000", "silent-connection-seconds": "2" },
  });
});
afterAll(() => simulator?.stop());

const pid = async () => (await simulator.control.service()).pid;

/** Ids as clients write them, and texts that are none. */
const ids = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
  fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text)),
  fc.constantFrom("null", "true", "1.50", "-0", "1e3", '"\\u0041"', "xyz", "{}", "[1]", "01", ""),
);

const call = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"Version.getApiVersion","params":{}}`;

/** A body with a piece cut out, doubled, or another sign in the middle. */
const broken = fc.tuple(ids, fc.nat(), fc.nat(30), fc.string({ maxLength: 3 })).map(([id, at, length, text]) => {
  const body = call(id);
  const from = at % body.length;
  return body.slice(0, from) + text + body.slice(from + (length % 10));
});

function scalar(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value === null || typeof value !== "object";
  } catch {
    return false;
  }
}

describe("any request", () => {
  it("is answered with its own id, or with none", async () => {
    const before = await pid();
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        const { status, text } = await rawCall(simulator.info, call(id));
        expect(status).toBe(200);
        JSON.parse(text);
        expect(text.startsWith(`{"jsonrpc":"2.0","id":${scalar(id) ? id : "null"},`)).toBe(true);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(broken, async (body) => {
        const { status, text } = await rawCall(simulator.info, body);
        expect(status).toBe(200);
        const written = /^{"jsonrpc":"2.0","id":(.*?),"(?:result|error)":/s.exec(text)?.[1] ?? "";
        expect(written === "null" || body.includes(written)).toBe(true);
        expect(JSON.parse(text)).toHaveProperty("id");
      }),
      { numRuns: 120 },
    );
    expect(await pid()).toBe(before);
  });

  it("may end anywhere, or be bytes of any kind", async () => {
    const before = await pid();
    const whole = Buffer.from(post(call("5"), ["X-Token: x"]));
    const bytes = fc.oneof(
      fc.nat(whole.length - 1).map((end) => whole.subarray(0, end)),
      fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
      fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from([22, 3, 1, 0, 50, ...each])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (part, tls) => {
        const socket = await rawSocket(simulator.info, tls);
        socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 5));
        socket.end();
      }),
      { numRuns: 60 },
    );
    expect((await rawCall(simulator.info, call("6"))).text).toContain('"id":6,"result"');
    expect(await pid()).toBe(before);
  });

  it("to any of the services may be anything, with TLS and without", async () => {
    const before = await pid();
    const { services } = await simulator.adminCall<{ services: { name: string; listeners: { port: number }[] }[] }>(
      "Services.get",
    );
    const words = fc.constantFrom(
      "a LOGIN",
      "a IDLE",
      "DONE",
      "EHLO x",
      "AUTH PLAIN",
      "DATA",
      "STARTTLS",
      "{9}",
      '"',
      "(",
    );
    const lines = fc.array(fc.oneof(words, fc.string({ maxLength: 12 })), { maxLength: 6 }).map((all) => all.join(" "));
    const text = fc.array(lines, { maxLength: 6 }).map((all) => Buffer.from(all.join("\r\n")));
    // A record of the handshake with anything in it, and no end.
    const handshake = fc.uint8Array({ maxLength: 60 }).map((rest) => Buffer.from([22, 3, 1, 0, 50, ...rest]));
    const bytes = fc.oneof(text, handshake, fc.uint8Array({ maxLength: 200 }).map(Buffer.from));
    const imap = services.filter(({ name }) => name === "IMAP");
    const anyService = fc.oneof(fc.constantFrom(...services), fc.constantFrom(...imap));
    await fc.assert(
      fc.asyncProperty(anyService, bytes, fc.boolean(), async ({ name, listeners }, part, inside) => {
        const socket = await rawSocket(simulator.info, inside && name.startsWith("Secure "), listeners[0]?.port);
        // What reads commands here is our own, and it is not there before it has said so.
        if (name === "IMAP") await socket.until((said) => said.endsWith("\r\n"));
        socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 10));
        socket.end();
      }),
      { numRuns: 120 },
    );
    for (const { name, listeners } of services.filter((each) => /^(SMTP|IMAP)/.test(each.name))) {
      const socket = await rawSocket(simulator.info, false, listeners[0]?.port);
      expect(await socket.until((all) => all.endsWith("\r\n"))).toMatch(name === "IMAP" ? /^\* OK/ : /^220 /);
      socket.end();
    }
    expect(await pid()).toBe(before);
  });

  it("to the form and the upload may be anything", async () => {
    const before = await pid();
    const login = await rawCall(simulator.info, loginBody(simulator.info, "1"));
    const { token } = (JSON.parse(login.text) as { result: { token: string } }).result;
    const cookies = { Cookie: (login.headers["set-cookie"] ?? []).join("; "), "X-Token": token };
    const names = fc.constantFrom("kerio_username", "kerio_password", "kerio_csrf_token", "__proto__", "", "%");
    const pairs = fc.array(fc.tuple(names, fc.string({ maxLength: 12 })), { maxLength: 5 });
    const forms = pairs.map((all) => all.map((pair) => pair.join("=")).join("&"));
    const pieces = fc.constantFrom("--x", "--x--", "\r\n", "\r\n\r\n", 'Content-Disposition: form-data; name="f"', "=");
    const parts = fc.array(fc.oneof(pieces, fc.string({ maxLength: 9 })), { maxLength: 9 }).map((all) => all.join(""));
    await fc.assert(
      fc.asyncProperty(forms, parts, fc.boolean(), async (form, part, typed) => {
        const answer = await rawCall(simulator.info, form, { path: "/admin/login/dologin", headers: cookies });
        expect([answer.status, answer.headers.location]).toEqual([302, "/admin/login/?reason=failed"]);
        const type = typed ? { "Content-Type": "multipart/form-data; boundary=x" } : {};
        const headers = { ...cookies, ...(type as Record<string, string>) };
        const { text, status } = await rawCall(simulator.info, part, { path: "/admin/api/jsonrpc/upload", headers });
        expect(status).toBe(200);
        expect(text).toMatch(/^{"jsonrpc":"2.0","id":null,"(error":{"code":1000|result":{"fileUpload)/);
      }),
      { numRuns: 60 },
    );
    expect(await pid()).toBe(before);
  });

  it("that never ends is cut off", async () => {
    const socket = await rawSocket(simulator.info);
    socket.write("POST /admin/api/jsonrpc/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`;
    let over = false;
    const closed = socket.closed(20_000).then(() => (over = true));
    while (!over) {
      socket.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await closed;
    expect((await rawCall(simulator.info, call("7"))).text).toContain('"id":7,"result"');
  });
});
