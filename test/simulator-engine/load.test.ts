import autocannon from "autocannon";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { settle, type Crowd } from "./many-people";
import { loginBody, rawCall } from "./raw-call";

const clients = 50;
const fields = ["id", "loginName", "fullName", "isEnabled", "emailAddresses", "userGroups"];

/** A list call about a crowd, and how many rows there are. */
interface Asking {
  method: string;
  params(crowd: Crowd): object;
  rows(crowd: Crowd): number;
  /** What the whole answer holds; left out, the count of its rows. */
  told?(crowd: Crowd): string;
}

const everyUser = (crowd: Crowd) => crowd.users;
const everyGroup = (crowd: Crowd) => crowd.groups;
const everything = ({ domainId }: Crowd) => ({ domainId, query: {} });
const lists: Asking[] = [
  {
    method: "Users.get",
    params: ({ domainId }) => ({ domainId, query: { fields, orderBy: [{ columnName: "loginName" }] } }),
    rows: everyUser,
  },
  {
    method: "Users.get",
    params: ({ domainId, groupId }) => ({
      domainId,
      query: { fields, conditions: [{ fieldName: "userGroups", comparator: "Eq", value: groupId }], limit: 100 },
    }),
    rows: everyUser,
  },
  { method: "Aliases.get", params: ({ domainId }) => ({ domainId, query: {} }), rows: ({ aliases }) => aliases },
  {
    method: "Aliases.getTargetList",
    params: ({ domainId }) => ({ domainId, query: {} }),
    rows: (crowd) => crowd.users + crowd.groups,
  },
  { method: "MailingLists.getMlUserList", params: ({ listId }) => ({ mlId: listId, query: {} }), rows: everyUser },
  {
    method: "MailingLists.getTrusteeTargetList",
    params: ({ domainId }) => ({ domainId, query: {} }),
    rows: (crowd) => crowd.users + crowd.groups,
  },
  {
    method: "Resources.getPrincipalList",
    params: ({ domainId }) => ({ domainId, query: {} }),
    rows: (crowd) => crowd.users + crowd.groups + 3,
  },
  { method: "Users.get", params: everything, rows: everyUser },
  { method: "Groups.get", params: everything, rows: everyGroup },
  { method: "MailingLists.get", params: everything, rows: everyGroup },
  { method: "Resources.get", params: everything, rows: everyGroup },
  {
    method: "Users.getStatistics",
    params: ({ userIds }) => ({ userIds, query: { orderBy: [{ columnName: "name" }] } }),
    rows: everyUser,
    told: ({ users }) => `"name":"user${users - 1}@`,
  },
];

let simulator: Simulator;
let large: Crowd;
let small: Crowd;
let headers: Record<string, string>;
beforeAll(async () => {
  simulator = await startSimulator({ switches: { "start-delay-ms": "0" } });
  // The small one comes first: what goes through everybody up to the one it looks for is short there.
  const crowds = { "small.example.com": 1_000, "large.example.com": 10_000 };
  [small, large] = (await settle(simulator, crowds)) as [Crowd, Crowd];
  const { text, headers: given } = await rawCall(simulator.info, loginBody(simulator.info, "1"));
  const { token } = (JSON.parse(text) as { result: { token: string } }).result;
  headers = {
    "X-Token": token,
    Cookie: (given["set-cookie"] ?? []).join(", "),
    "Content-Type": "application/json-rpc",
  };
}, 300_000);
afterAll(() => simulator?.stop());

/** Milliseconds: 50 answers are made one after the other, on a machine that may do five other things. */
const patience = 600_000;

// Time and memory of another process are read where Linux shows them.
const hasProc = existsSync("/proc/self/stat");
if (!hasProc) console.warn("load: /proc is not on this machine");

describe.skipIf(!hasProc)("lists of a domain with 10,000 users and 2,000 aliases", () => {
  it(
    "are there for 50 clients at once, and leave nothing behind in the server's memory",
    { timeout: patience },
    async () => {
      const [users, , aliases] = lists as [Asking, Asking, Asking];
      const empty = await memory("VmRSS");
      const { bytes } = await ask(users, large, clients);
      const peak = await memory("VmHWM");
      await ask(aliases, large, 4 * clients);
      await ask(users, large, clients / 2);
      const later = await memory("VmHWM");
      // Each client's answer may wait for it, once as text and once on its way; what the first ones had left behind would
      // come on top of the half as many that follow.
      expect(peak).toBeLessThan(3 * empty + 2 * clients * bytes);
      expect(later).toBeLessThan(1.25 * peak);
    },
  );

  it.each(lists)(
    "$method takes ten times as long as a tenth of it, not a hundred times",
    { timeout: patience },
    async (list) => {
      // A tick is ten milliseconds: the cheap ones are asked for more often.
      const times = list.method === "Users.get" ? 4 : 16;
      await ask(list, small, 2 * times);
      const tenth = (await ask(list, small, 10 * times)).ticks / 10;
      const whole = (await ask(list, large, times)).ticks;
      expect(whole / tenth).toBeLessThan(30);
    },
  );
});

/** Lets the clients ask, and gives the processor time that the engine took for it, in ticks, and the size of an answer. */
async function ask(
  { method, params, rows, told }: Asking,
  crowd: Crowd,
  amount: number,
): Promise<{ ticks: number; bytes: number }> {
  const wanted = told?.(crowd) ?? `"totalItems":${rows(crowd)}`;
  const before = await ticks();
  const result = await autocannon({
    url: `${simulator.info.adminUrl}/admin/api/jsonrpc/`,
    method: "POST",
    headers,
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: params(crowd) }),
    connections: Math.min(clients, amount),
    amount,
    timeout: patience / 1000,
    tlsOptions: { ca: readFileSync(simulator.info.caFile) },
    verifyBody: (body) => String(body).includes(wanted),
  });
  const { errors, timeouts, non2xx, mismatches } = result;
  expect({ errors, timeouts, non2xx, mismatches, answered: result["2xx"] }).toEqual({
    errors: 0,
    timeouts: 0,
    non2xx: 0,
    mismatches: 0,
    answered: amount,
  });
  return { ticks: (await ticks()) - before, bytes: result.throughput.total / amount };
}

/** Processor time of the engine: unlike the time on the clock it does not depend on what else the machine does. */
async function ticks(): Promise<number> {
  const { pid } = await simulator.control.service();
  const line = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return Number(user) + Number(system);
}

/** Bytes of memory that the engine has. */
async function memory(what: "VmRSS" | "VmHWM"): Promise<number> {
  const { pid } = await simulator.control.service();
  const line = new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1]) * 1024;
}
