import { readFileSync } from "node:fs";
import { request } from "node:https";
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

const version = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"Version.getApiVersion"}`;
const answers = (text: string) => text.split("HTTP/1.1 200 OK\r\n").slice(1);

describe("connections", () => {
  it("answer pipelined calls in their order, and stay open", async () => {
    const socket = await rawSocket(simulator.info);
    socket.write(post(version("1")) + post(version('"two"')) + post(version("3")));
    const text = await socket.until((all) => answers(all).length === 3 && all.endsWith("}"));
    expect([...text.matchAll(/"id":([^,]+),/g)].map((each) => each[1])).toEqual(["1", '"two"', "3"]);
    for (const head of answers(text)) {
      expect(head).toMatch(/^Content-Type: application\/json-rpc\r$/m);
      expect(head).toMatch(/^Content-Length: \d+\r$/m);
      expect(head).not.toMatch(/transfer-encoding|set-cookie/i);
    }
    socket.write(post(version("4")).replace("Host: localhost\r\n", ""));
    await socket.until((all) => all.includes('"id":4,'));
    socket.end();
  });

  it("have pipelined calls done in their order, however long one takes", async () => {
    const { text, headers } = await rawCall(simulator.info, loginBody(simulator.info, "1"));
    const { token } = (JSON.parse(text) as { result: { token: string } }).result;
    const session = [`X-Token: ${token}`, `Cookie: ${(headers["set-cookie"] ?? []).join()}`];
    await simulator.control.fault("delay", { method: "Domains.create", ms: 200, times: 1 });
    const socket = await rawSocket(simulator.info);
    const call = (method: string, params: string) => post(`{"id":1,"method":"${method}","params":${params}}`, session);
    socket.write(
      call("Domains.create", '{"domains":[{"name":"late.example.com"}]}') + call("Domains.get", '{"query":{}}'),
    );
    const both = await socket.until((all) => answers(all).length === 2 && all.endsWith("}"));
    expect(answers(both)[1]).toContain("late.example.com");
    socket.end();
  });

  it("are closed by the server when the client says so", async () => {
    const socket = await rawSocket(simulator.info);
    socket.write(post(`${version("1")}\r\n`, ["Connection: close"]));
    const text = await socket.closed();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toMatch(/^connection: close\r$/im);
    const [head = "", body = "", ...more] = text.split("\r\n\r\n");
    expect(more).toEqual([]);
    expect(head).toContain(`Content-Length: ${body.length}`);
  });

  it("wait for slow clients, but not for silent ones", async () => {
    const slow = await rawSocket(simulator.info);
    const bytes = post(version("77"));
    for (let at = 0; at < bytes.length; at += 60) {
      slow.write(bytes.slice(at, at + 60));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await slow.until((all) => all.includes('"id":77,'));
    slow.end();
    const silent = await Promise.all([
      rawSocket(simulator.info),
      rawSocket(simulator.info),
      rawSocket(simulator.info, false),
    ]);
    silent[0]?.write(bytes.slice(0, -5));
    silent[1]?.write("POST /admin/api/js");
    for (const socket of silent) expect(await socket.closed()).not.toContain('"result"');
  });

  it("are kept as long as the switch says when they come", async () => {
    const patient = await rawSocket(simulator.info);
    await simulator.control.setSwitch("silent-connection-seconds", "1");
    const hasty = await Promise.all([rawSocket(simulator.info), rawSocket(simulator.info, false)]);
    await simulator.control.setSwitch("silent-connection-seconds", "60");
    const lasting = await Promise.all([rawSocket(simulator.info), rawSocket(simulator.info, false)]);
    for (const socket of [...hasty, patient]) await socket.closed();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    lasting[0]?.write(post(version("9")));
    await lasting[0]?.until((all) => all.includes('"id":9,'));
    lasting[1]?.write("GET /admin/ HTTP/1.1\r\nHost: mail.example.com:4040\r\n\r\n");
    await lasting[1]?.until((all) => all.includes("302"));
    for (const socket of lasting) socket.end();
    await simulator.control.setSwitch("silent-connection-seconds", "2");
  });

  it("survive probes and broken TLS", async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([22]),
      Buffer.from([22, 3, 1, 0, 200, 9, 9, 9]),
      Buffer.from("x\r\n\r\n"),
    ]) {
      const probe = await rawSocket(simulator.info, false);
      probe.write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      probe.end();
    }
    expect((await rawCall(simulator.info, version("5"))).text).toContain('"id":5,');
  });

  it("may start without TLS, which leads to TLS once the server is set up", async () => {
    const plain = await rawSocket(simulator.info, false);
    plain.write("GET /admin/ HTTP/1.1\r\nHost: mail.example.com:4040\r\n\r\n");
    const text = await plain.closed();
    expect(text).toMatch(/^HTTP\/1\.1 302 /);
    expect(text).toContain(`Location: https://mail.example.com:${new URL(simulator.info.adminUrl).port}/admin/\r\n`);
  });
});

describe("bodies", () => {
  it("that are too large are 413, and the connection lives on", async () => {
    const call = (size: number) => `{"id":1,"method":"Version.getApiVersion","token":"${"x".repeat(size)}"}`;
    const socket = await rawSocket(simulator.info);
    socket.write(post(call(19_000)));
    await socket.until((all) => all.includes('"result"'));
    socket.write(post(call(21_000)));
    expect(await socket.until((all) => all.includes('"error"'))).toContain('"code":413');
    socket.write(post(version("6")));
    await socket.until((all) => all.includes('"id":6,'));
    socket.end();
  });

  it("without an id that could be echoed get null, whatever they are", async () => {
    const cases = {
      '{"id":xyz,"method":"a"}': -32700,
      '{"id":"half': -32700,
      '{"id":{"a":1},"method":"No.method"}': -32601,
      "[]": -32600,
      "": -32700,
    };
    for (const [body, code] of Object.entries(cases)) {
      const answer = JSON.parse((await rawCall(simulator.info, body)).text) as { id: unknown; error: { code: number } };
      if (code === -32601) expect(answer.error.code).toBe(-32001);
      else expect(answer.error.code).toBe(code);
      expect(answer.id).toBeNull();
    }
  });

  it("are taken whatever their type, and refused when they lie too deep", async () => {
    for (const type of ["application/json", "text/plain", "ApiApplication/json-rpc"]) {
      const headers = { "Content-Type": type, Accept: "application/xml" };
      expect((await rawCall(simulator.info, version("7"), { headers })).text).toContain('"result"');
    }
    // A client in Python doubles the slash before `upload`.
    const upload = await rawCall(simulator.info, "", { path: "/admin/api/jsonrpc//upload" });
    expect(upload.text).toContain('"code":-32001');
    const deep = `{"id":8,"method":"Version.getApiVersion","params":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    expect((await rawCall(simulator.info, deep)).text).toMatch(/"id":8,"error":{"code":-32600/);
    const last = '{"id":1,"\\u0069d":9007199254740993,"method":"Version.getApiVersion"}';
    expect((await rawCall(simulator.info, last)).text).toContain('"id":9007199254740993,');
  });
});

describe("cookies", () => {
  it("may come back joined with their attributes, alone, or both", async () => {
    const { text, headers } = await rawCall(simulator.info, loginBody(simulator.info, "1"));
    const { token } = (JSON.parse(text) as { result: { token: string } }).result;
    const [session = "", second = ""] = headers["set-cookie"] ?? [];
    const pairs = [session, second].map((each) => each.split(";")[0]);
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI"}';
    for (const Cookie of [
      `${session}, ${second}`,
      session,
      pairs.join("; "),
      pairs[0] ?? "",
      [...pairs].reverse().join(";"),
    ]) {
      const answer = await rawCall(simulator.info, who, { headers: { "X-Token": token, Cookie } });
      expect(answer.text).toContain('"userDetails"');
    }
  });
});

describe("the browser's login", () => {
  const form = (path: string, body: string | undefined, cookie = "") =>
    new Promise<{ status: number; location: string; cookies: string[]; text: string }>((resolve, reject) => {
      const type = "application/x-www-form-urlencoded";
      const call = request(
        `${simulator.info.adminUrl}${path}`,
        { method: body === undefined ? "GET" : "POST", ca: readFileSync(simulator.info.caFile), agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => (text += part));
          response.on("end", () => {
            const { location = "", "set-cookie": cookies = [] } = response.headers;
            resolve({ status: response.statusCode ?? 0, location, cookies, text });
          });
        },
      );
      call.on("error", reject);
      call.setHeader("Content-Type", type).setHeader("Cookie", cookie).end(body);
    });
  const pairs = (cookies: string[]) => cookies.map((each) => each.split(";")[0] ?? "");

  it("gives a form with a token, and a session for the right password", async () => {
    expect(await form("/admin", undefined)).toMatchObject({ status: 302, location: "/admin/login/" });
    const shown = await form("/admin/login/", undefined);
    const token = /name="kerio_csrf_token" value="(\w+)"/.exec(shown.text)?.[1] ?? "";
    expect(pairs(shown.cookies)).toContain(`TOKEN_CONNECT_WEBADMIN=${token}`);
    const jar = pairs(shown.cookies).join("; ");
    const { user, password } = simulator.info.admin;
    const send = (secret: string, csrf?: string) => {
      const body = new URLSearchParams({ kerio_username: user, kerio_password: secret });
      if (csrf !== undefined) body.set("kerio_csrf_token", csrf);
      return form("/admin/login/dologin", body.toString(), jar);
    };
    const failed = { status: 302, location: "/admin/login/?reason=failed", cookies: [] };
    expect(await send("wrong", token)).toMatchObject(failed);
    expect(await send(password, "0")).toMatchObject(failed);
    expect(await send(password)).toMatchObject({ status: 302, location: "/admin/" });
    await simulator.control.setSwitch("form-token", "demanded");
    for (const csrf of [undefined, "", "0"]) expect(await send(password, csrf)).toMatchObject(failed);
    const opened = await send(password, token);
    expect(opened).toMatchObject({ status: 302, location: "/admin/" });
    const [session = "", second = ""] = pairs(opened.cookies);
    expect(session).toMatch(/^SESSION_CONNECT_WEBADMIN=\w{64}$/);
    const headers = { Cookie: `${session}; ${second}`, "X-Token": second.split("=")[1] ?? "" };
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI"}';
    expect((await rawCall(simulator.info, who, { headers })).text).toContain('"userDetails"');
    expect((await form("/admin/", undefined, session)).text).toContain("Logged in as");
    await simulator.control.setSwitch("form-token", "if-sent");
  });
});
