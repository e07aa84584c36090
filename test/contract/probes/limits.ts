import { headersOf, outcomeOf, plainHeaders, replyOf } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import { NoAnswer } from "../wire";
import type { World } from "../world";

const patienceMs = 6_000;
const longestSilenceMs = 200_000;
const largestPower = 27;

/** Where the server says no by itself: unknown methods, large requests, silence, a form without its token. */
export const limits: Probe[] = [
  {
    question: "What does a method that nobody has answer?",
    fact: { source: "seen1008", says: "a call of an unknown method hung until the client gave up" },
    settles: "unknown-method",
    async ask(world) {
      await world.api.call("Session.whoAmI");
      try {
        const call = world.api.call(
          "Contract.noSuchMethod",
          {},
          { session: await world.api.session(), limitMs: patienceMs },
        );
        const { error } = await outcomeOf(call);
        const value = error?.code === -32601 ? "error" : error?.code === 1000 ? "failed" : undefined;
        return { value, seen: error ? `code ${error.code}` : "a result" };
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        return { value: "hang", seen: `nothing in ${patienceMs / 1000} s` };
      }
    },
  },
  {
    question: "What does Queue.get answer that is asked without a query?",
    fact: { source: "seen1008", says: "it hung until the client gave up" },
    settles: "queue-without-query",
    async ask(world) {
      const session = await world.api.session();
      try {
        const { error } = await outcomeOf(world.api.call("Queue.get", {}, { session, limitMs: patienceMs }));
        return { value: "as-others", seen: error ? `code ${error.code}` : "a result" };
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        return { value: "hang", seen: `nothing in ${patienceMs / 1000} s` };
      }
    },
  },
  {
    question: "Is a login by the form taken without its token?",
    fact: { source: "note1009", says: "the form has a field kerio_csrf_token on 10.x; whether it is demanded is open" },
    settles: "form-token",
    async ask(world) {
      const withToken = await formLogin(world, true);
      if (!withToken) throw new NotAsked("the form refuses a login with its token, too");
      const without = await formLogin(world, false);
      return { value: without ? "if-sent" : "demanded", seen: without ? "it is taken" : "it is refused" };
    },
  },
  {
    question: "From which size on is a request too large?",
    fact: { source: "javaClient", says: "code 413 is for a request that is too large; the size is not said" },
    settles: "largest-request-bytes",
    beyond: "sends requests of up to 128 MB",
    async ask(world) {
      const headers = { ...plainHeaders, ...headersOf(await world.api.session()) };
      const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "Session.whoAmI" });
      for (let power = 16; power <= largestPower; power += 1) {
        const answer = await world.api.wire.exchange({ headers, body: call.padEnd(2 ** power) }).catch(noAnswer);
        const code = answer && replyOf(answer).error?.code;
        if (answer && code === undefined) continue;
        const seen = `${2 ** (power - 1)} bytes are taken, ${2 ** power} are not (${code ?? "cut off"})`;
        return { value: code === 413 ? String(2 ** (power - 1)) : undefined, seen };
      }
      return { value: String(2 ** largestPower), seen: `${2 ** largestPower} bytes are taken` };
    },
  },
  {
    question: "Is a connection kept behind an answer?",
    fact: {
      source: "phpLibrary",
      says: "it asks for the end of each connection; what comes where nobody asks is not said",
    },
    settles: "connection-after-answer",
    async ask(world) {
      const headers = { ...plainHeaders, ...headersOf(await world.api.session()), Connection: "keep-alive" };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "Session.whoAmI" });
      const { connection = "nothing" } = (await world.api.wire.exchange({ headers, body })).headers;
      return {
        value: /close/i.test(connection) ? "closed" : "kept",
        seen: `the answer says "Connection: ${connection}"`,
      };
    },
  },
  {
    question: "How long does a silent connection stay open?",
    fact: { source: "phpLibrary", says: "clients open connections and say nothing; for how long they may is not said" },
    settles: "silent-connection-seconds",
    waits: true,
    async ask(world) {
      const socket = await world.api.wire.connect();
      const started = Date.now();
      let closed = false;
      socket.on("error", () => undefined).on("close", () => (closed = true));
      socket.resume();
      try {
        await world.until(() => Promise.resolve(closed), longestSilenceMs);
      } finally {
        socket.destroy();
      }
      if (!closed) return { value: undefined, seen: `open after ${longestSilenceMs / 1000} s` };
      const seconds = Math.round((Date.now() - started) / 1000);
      return { value: String(seconds), seen: `closed after ${seconds} s` };
    },
  },
];

async function formLogin(world: World, sendToken: boolean): Promise<boolean> {
  const { wire, secrets } = world.api;
  const page = await wire.exchange({ method: "GET", path: "/admin/login/" });
  const token = /name="kerio_csrf_token"[^>]*value="([^"]*)"/.exec(page.text)?.[1];
  if (token === undefined) throw new NotAsked("the login page has no field kerio_csrf_token");
  const { username, password } = world.around.server;
  const form = new URLSearchParams({ kerio_username: username, kerio_password: password });
  if (sendToken) form.set("kerio_csrf_token", token);
  const given = (page.headers["set-cookie"] ?? []).map((each) => each.split(";", 1)[0] ?? "");
  for (const cookie of given) secrets.add(cookie.split("=")[1] ?? "");
  const answer = await wire.exchange({
    path: "/admin/login/dologin",
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...(sendToken && { Cookie: given.join("; ") }) },
    body: form.toString(),
  });
  const cookies = answer.headers["set-cookie"] ?? [];
  const session = cookies.find((each) => each.startsWith("SESSION_CONNECT_WEBADMIN="));
  if (session === undefined) return false;
  const cookie = cookies.map((each) => each.split(";", 1)[0] ?? "").join("; ");
  const own = { cookie, token: /TOKEN_CONNECT_WEBADMIN=(\w+)/.exec(cookie)?.[1] ?? "" };
  secrets.add(own.token).add(/=(\w+)/.exec(session)?.[1] ?? "");
  await world.api.post("Session.logout", {}, { session: own });
  return true;
}

function noAnswer(error: unknown): undefined {
  if (!(error instanceof NoAnswer)) throw error;
  return undefined;
}
