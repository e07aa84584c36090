import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { rawId } from "../simulator/engine/raw-id";
import { loginBody, rawCall, sessionHeaders } from "./raw-call";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator?.stop());

const loggedIn = (info = simulator.info): Promise<Record<string, string>> => sessionHeaders(info);

describe("the wire", () => {
  it("echoes ids as they were written", async () => {
    for (const id of ["8652548341168163840", '"Null"', "1.50", "null"]) {
      const { text } = await rawCall(
        simulator.info,
        `{"id": ${id} ,"jsonrpc":"2.0","method":"Nothing.here","params":""}`,
      );
      expect(text).toContain(`"id":${id},"error":`);
    }
    expect(rawId('{"params":{"id":7,"x":[{"id":8}]},"method":"a","id":9}')).toBe("9");
    expect(rawId('{"params":{"id":7},"name":"id"}')).toBeUndefined();
  });

  it("sets both cookies at login alone, the session first, and answers with lengths", async () => {
    const { headers, text, status } = await rawCall(simulator.info, loginBody(simulator.info, "1"), {
      path: "/admin/api/jsonrpc",
    });
    expect(status).toBe(200);
    const [session = "", token = ""] = headers["set-cookie"] ?? [];
    expect(session).toMatch(/^SESSION_CONNECT_WEBADMIN=\w{64}; path=\/admin\/; secure; HttpOnly$/);
    const { result } = JSON.parse(text) as { result: { token: string } };
    expect(result.token).toMatch(/^[0-9a-f]{64}$/);
    expect(token).toBe(`TOKEN_CONNECT_WEBADMIN=${result.token}; path=/admin/; secure`);
    expect(headers["content-type"]).toContain("application/json");
    expect(headers["content-length"]).toBe(String(Buffer.byteLength(text)));
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI","token":"x"}';
    const again = await rawCall(simulator.info, who, { headers: { "X-Token": result.token, Cookie: session } });
    expect(again.headers["set-cookie"]).toBeUndefined();
    expect(again.text).toContain('"result":{"userDetails"');
    expect(again.text).not.toContain('"error"');
  });

  it("has the headers that were seen, and closes where the client says so", async () => {
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI"}';
    const { headers } = await rawCall(simulator.info, who, { headers: { Connection: "close" } });
    expect(headers).toMatchObject({
      server: "Kerio Connect 10.0.9",
      "x-ua-compatible": "IE=edge",
      "content-type": "application/json-rpc",
      connection: "close",
    });
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  it("ends a session that was idle for too long, or was killed", async () => {
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI"}';
    const ask = async (headers: Record<string, string>) => (await rawCall(simulator.info, who, { headers })).text;
    const idle = await loggedIn();
    expect(await ask(idle)).toContain('"result"');
    await simulator.control.setSwitch("session-idle-minutes", "0");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await ask(idle)).toContain('"code":-32001');
    await simulator.control.setSwitch("session-idle-minutes", "120");
    expect(await ask(idle)).toContain('"code":-32001');

    const [killed, other] = [await loggedIn(), await loggedIn()];
    const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Server.getWebSessions", { query: {} });
    const ids = list.map(({ id }) => id).filter((id) => killed["Cookie"]?.includes(id));
    expect(ids).toHaveLength(1);
    await simulator.adminCall("Server.killWebSessions", { ids });
    expect(await ask(killed)).toContain('"code":-32001');
    expect(await ask(other)).toContain('"result"');
  });

  it("counts a download as a use of the session", async () => {
    const sessions = [await loggedIn(), await loggedIn()];
    const ids = sessions.map(({ Cookie = "" }) => /WEBADMIN=(\w{16})/.exec(Cookie)?.[1]);
    // The one used last comes last.
    const order = async () => {
      const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Server.getWebSessions", { query: {} });
      return list.map(({ id }) => id).filter((id) => ids.includes(id));
    };
    expect(await order()).toEqual(ids);
    const { fileDownload } = await simulator.adminCall<{ fileDownload: { url: string } }>("Server.generateSupportInfo");
    const options = { method: "GET", path: fileDownload.url, headers: { Cookie: sessions[0]?.["Cookie"] ?? "" } };
    expect((await rawCall(simulator.info, "", options)).status).toBe(200);
    expect(await order()).toEqual([ids[1], ids[0]]);
  });

  it("wants session and token to belong together", async () => {
    const headers = await loggedIn();
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI"}';
    for (const wrong of [{}, { Cookie: headers["Cookie"] ?? "" }, { ...headers, "X-Token": "0".repeat(64) }]) {
      const { text, status } = await rawCall(simulator.info, who, { headers: wrong as Record<string, string> });
      expect(status).toBe(200);
      expect(text).toContain('"code":-32001');
    }
  });

  it("tells broken requests apart", async () => {
    const headers = await loggedIn();
    const code = async (body: string) =>
      (JSON.parse((await rawCall(simulator.info, body, { headers })).text) as { error?: { code: number } }).error?.code;
    expect(await code("{")).toBe(-32700);
    expect(await code("[]")).toBe(-32600);
    expect(await code('{"id":1,"method":"Users.rename","params":{}}')).toBe(-32601);
    expect(await code('{"id":1,"method":"Users.get","params":{"query":{}}}')).toBe(-32602);
    expect(await code('{"id":1,"method":"Version.getApiVersion","params":[]}')).toBeUndefined();
    expect(await code('{"id":1,"method":"constructor.name"}')).toBe(-32601);
  });

  it("refuses an array of calls, or answers each of them in its place", async () => {
    const headers = await loggedIn();
    const who = '"method":"Session.whoAmI","params":{"x":["],[",{"id":1}]}';
    const calls = `[ {"id":8652548341168163840,${who}} ,{"id":"b","method":"No.such"}, 5, {${who}, "id" : 2}]`;
    const answer = async (body: string) => (await rawCall(simulator.info, body, { headers })).text;
    expect(await answer(calls)).toMatch(/^\{"jsonrpc":"2\.0","id":null,"error":\{"code":-32600,/);
    await simulator.control.setSwitch("batch-arrays", "answered");
    try {
      const text = await answer(calls);
      expect(text).toContain('"id":8652548341168163840,"result":{"userDetails"');
      const answers = JSON.parse(text) as { id: unknown; error?: { code: number } }[];
      expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
        [Number("8652548341168163840"), undefined],
        ["b", -32601],
        [null, -32600],
        [2, undefined],
      ]);
      expect(await answer("[]")).toContain('"code":-32600');
      expect(await answer("[{]")).toContain('"code":-32700');
    } finally {
      await simulator.control.setSwitch("batch-arrays", "refused");
    }
  });

  it("answers plain HTTP on the same port and survives a bare connect", async () => {
    const port = Number(new URL(simulator.info.adminUrl).port);
    await new Promise<void>((resolve) => {
      const probe = connect(port, "127.0.0.1", () => probe.end());
      probe.once("close", () => resolve());
    });
    expect((await fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" })).status).toBe(302);
  });

  it("runs a batch in the form of the sister product", async () => {
    const answers = await simulator.adminCall<{ result?: object; error?: object }[]>("Batch.run", {
      commandList: [{ method: "Session.whoAmI" }, { method: "No.such", params: {} }],
    });
    expect(answers.map((each) => Object.keys(each))).toEqual([["result"], ["error"]]);
  });
});

describe("files", () => {
  it("come and go for as long as the account may log in", async () => {
    const domainId = (await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} })).list[0]?.id;
    const role = { userRole: "FullAdmin", publicFolderRight: false, archiveFolderRight: false };
    const users = [{ domainId, loginName: "jdoe", password: "Xk7-pretty-long", role }];
    const { result } = await simulator.adminCall<{ result: { id: string }[] }>("Users.create", { users });
    const userIds = [result[0]?.id];
    const admin = { user: "jdoe", password: "Xk7-pretty-long" };
    const headers = await loggedIn({ ...simulator.info, admin });
    const form = '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nportrait\r\n--x--\r\n';
    const upload = async () => {
      const more = { ...headers, "Content-Type": "multipart/form-data; boundary=x" };
      const { text } = await rawCall(simulator.info, form, { path: "/admin/api/jsonrpc/upload", headers: more });
      return JSON.parse(text) as { result?: { fileUpload: { id: string } }; error?: { code: number } };
    };
    const id = (await upload()).result?.fileUpload.id;
    await simulator.adminCall("Users.setPersonalContact", { userIds, contact: { photo: { id } } });
    type Contacts = { contacts: { photo: { url: string } }[] };
    const { contacts } = await simulator.adminCall<Contacts>("Users.getPersonalContact", { userIds });
    const get = async (path: string, how = headers) => {
      const { status, text } = await rawCall(simulator.info, "", { method: "GET", path, headers: how });
      return [status, text];
    };
    const path = contacts[0]?.photo.url ?? "";
    expect(await get(path)).toEqual([200, "portrait"]);
    expect((await get(path, {}))[0]).toBe(404);
    expect((await get("/admin/contact-photo/none"))[0]).toBe(404);
    await simulator.adminCall("Users.set", { userIds, pattern: { isEnabled: false } });
    expect((await get(path))[0]).toBe(404);
    expect((await get("/admin/"))[0]).toBe(302);
    expect((await upload()).error?.code).toBe(-32001);
    await simulator.adminCall("Users.remove", {
      requests: [{ userId: userIds[0], method: "UDeleteUser", removeReferences: false, targetUserId: "" }],
    });
  });
});

describe("faults", () => {
  it("refuse, delay, cut before and after, give up after, expire, garbage", async () => {
    const get = () => simulator.adminCall("Version.getApiVersion");
    await simulator.control.fault("refuse", { method: "Version.getApiVersion", code: 1234, message: "no", times: 1 });
    await expect(get()).rejects.toThrow("no (1234)");
    await simulator.control.fault("delay", { method: "Version.getApiVersion", ms: 300, times: 1 });
    const from = Date.now();
    await get();
    expect(Date.now() - from).toBeGreaterThanOrEqual(290);
    await simulator.control.fault("delay", { method: "Version.getApiVersion", ms: 600_000, times: 1 });
    const delayed = get();
    await simulator.control.truth();
    await simulator.control.clearFaults();
    await delayed;
    const domains = async () => (await simulator.control.truth()) as unknown as { domains: { name: string }[] };
    const create = (name: string) => simulator.adminCall("Domains.create", { domains: [{ name }] });
    await simulator.control.fault("drop-before", { method: "Domains.create", times: 1 });
    await expect(create("before.example.com")).rejects.toThrow();
    await simulator.control.fault("drop-after", { method: "Domains.create", times: 1 });
    await expect(create("after.example.com")).rejects.toThrow();
    expect((await domains()).domains.map((each) => each.name)).toEqual(["example.com", "after.example.com"]);
    await simulator.control.fault("refuse-after", { method: "Domains.create", times: 1 });
    await expect(create("late.example.com")).rejects.toThrow("Request timeout (-32002)");
    expect((await domains()).domains.map((each) => each.name)).toContain("late.example.com");
    await simulator.control.fault("http-200-garbage", { method: "Version.getApiVersion", times: 1 });
    await expect(get()).rejects.toThrow("not JSON");
    const headers = await loggedIn();
    await simulator.control.fault("expire-session", { times: 1 });
    const who = '{"jsonrpc":"2.0","id":2,"method":"Session.whoAmI"}';
    expect((await rawCall(simulator.info, who, { headers })).text).toContain("-32001");
  });
});

describe("logins", () => {
  it("refuses with the known text, and locks out after three in a row", async () => {
    const attempt = async (password?: string) =>
      (await rawCall(simulator.info, loginBody(simulator.info, "1", password))).text;
    const string = '{"id":1,"method":"Session.login","params":{"userName":"Admin","password":"x","application":"x"}}';
    expect((await rawCall(simulator.info, string)).text).toContain('"code":-32602,"message":"Invalid params"');
    await simulator.adminCall("Session.whoAmI");
    for (let count = 0; count < 3; count += 1) {
      expect(await attempt("wrong")).toContain("Username or password is not correct.");
    }
    expect(await attempt()).toContain("Username or password is not correct.");
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts");
    expect(await attempt()).toContain('"token"');
    expect(JSON.stringify(await simulator.control.calls())).not.toContain(simulator.info.admin.password);
  });
});
