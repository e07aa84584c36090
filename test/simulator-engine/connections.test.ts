import { ImapFlow } from "imapflow";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as secure } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { eventually } from "../simulator-host/wait";
import { domainId, makeUser } from "./people";
import { rawCall, sessionHeaders } from "./raw-call";

const password = "Xk7-pretty-long";
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
  await makeUser(simulator, "jdoe");
});
afterAll(() => simulator?.stop());

interface Row {
  proto: string;
  isSecure: boolean;
}

async function connectionsOf(proto: string): Promise<boolean[]> {
  const { list } = await simulator.adminCall<{ list: Row[] }>("Server.getConnections", { query: {} });
  return list.filter((row) => row.proto === proto).map(({ isSecure }) => isSecure);
}

const seen = (proto: string, wanted: boolean[]) =>
  eventually(`${proto}: ${wanted.join()}`, async () =>
    (await connectionsOf(proto)).join() === wanted.join() ? true : undefined,
  );

async function say(socket: Socket, line: string): Promise<string> {
  socket.write(`${line}\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  return answer.toString();
}

it("a client that has asked for TLS is shown as secure, and not once it is gone", async () => {
  const { host, port } = simulator.info.submission;
  const plain = connect(port, host);
  await once(plain, "data");
  await say(plain, "EHLO client.example.org");
  expect(await connectionsOf("SMTP Submission")).toEqual([false]);
  expect(await say(plain, "STARTTLS")).toMatch(/^220/);
  const secured = secure({ socket: plain, rejectUnauthorized: false });
  await once(secured, "secureConnect");
  await seen("SMTP Submission", [true]);
  expect(await say(secured, "QUIT")).toMatch(/^221/);
  await seen("SMTP Submission", []);
  const imap = simulator.info.imap;
  const auth = { user: "jdoe", pass: password };
  const client = new ImapFlow({ ...imap, secure: false, auth, tls: { rejectUnauthorized: false }, logger: false });
  await client.connect();
  expect(await connectionsOf("IMAP")).toEqual([true]);
  await client.logout();
  await seen("IMAP", []);
});

it("a path that nobody can make is refused, and everything goes on", async () => {
  const make = (path: string) => simulator.adminCall("Server.createPath", { path, credentials: {} });
  expect(await make("/proc/nowhere/deep")).toEqual({ result: "directoryUnaccessible" });
  expect(await make("/dev/null/deep")).toEqual({ result: "directoryUnaccessible" });
  for (const path of ["new/deep", "other/../beside", "dotted/./deep"])
    expect(await make(`${simulator.state}/${path}`)).toEqual({ result: "directoryExists" });
});

it("of the cookies of several logins the living one counts, and of those the one that has the token", async () => {
  const call = (headers: Record<string, string>) =>
    rawCall(simulator.info, '{"id":1,"method":"Session.whoAmI"}', { headers }).then(({ text }) => text);
  const [dead, living] = [await sessionHeaders(simulator.info), await sessionHeaders(simulator.info)];
  await rawCall(simulator.info, '{"id":1,"method":"Session.logout"}', { headers: dead });
  const both = `${dead["Cookie"]}; ${living["Cookie"]}`;
  expect(await call({ ...living, Cookie: both })).toContain('"result"');
  expect(await call({ ...dead, Cookie: both })).toContain("-32001");
  const second = await sessionHeaders(simulator.info);
  const cookies = `${living["Cookie"]}; ${second["Cookie"]}`;
  for (const headers of [living, second]) expect(await call({ ...headers, Cookie: cookies })).toContain('"result"');
});

it("settings of the web administration belong to the account, however its name is typed, and go with it", async () => {
  const domain = await domainId(simulator);
  const role = { userRole: "FullAdmin", publicFolderRight: false, archiveFolderRight: false };
  const settings = async (user: string, kept?: object) => {
    const headers = await sessionHeaders({ ...simulator.info, admin: { user, password } });
    const call = async (method: string, params: object) =>
      (await rawCall(simulator.info, JSON.stringify({ id: 1, method, params }), { headers })).text;
    if (kept) await call("Session.setSettings", { settings: kept });
    return (JSON.parse(await call("Session.getSettings", {})) as { result: { settings: object } }).result.settings;
  };
  const id = await makeUser(simulator, "constructor", { role });
  expect(await settings("constructor")).toEqual({});
  expect(await settings("Constructor", { columns: 3 })).toEqual({ columns: 3 });
  expect(await settings("constructor@example.com")).toEqual({ columns: 3 });
  await simulator.adminCall("Users.remove", {
    requests: [{ userId: id, method: "UDeleteUser", removeReferences: false, targetUserId: "" }],
  });
  await makeUser(simulator, "constructor", { role, domainId: domain });
  expect(await settings("constructor")).toEqual({});
});

it("half of a character is taken for the sign of one that is none, and a member that every object has for none", async () => {
  const headers = await sessionHeaders(simulator.info);
  const domain = await domainId(simulator);
  const group = `{"id":1,"method":"Groups.create","params":{"groups":[{"domainId":"${domain}","name":"half","description":"sur\\ud800x \\ud83d\\ude00"}]}}`;
  expect((await rawCall(simulator.info, group, { headers })).text).toContain('"errors":[]');
  const conditions = [{ fieldName: "name", comparator: "Eq", value: "half" }];
  const list = (query: object) =>
    simulator.adminCall<{ list: { description: string }[] }>("Groups.get", { query, domainId: domain });
  expect((await list({ conditions })).list[0]?.description).toBe("sur\ufffdx \u{1f600}");
  const own = [{ fieldName: "constructor", comparator: "Eq", value: "x" }];
  expect((await list({ conditions: own })).list).toEqual([]);
});
