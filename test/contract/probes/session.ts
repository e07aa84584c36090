import { headersOf, outcomeOf, plainHeaders, replyOf } from "../api-client";
import type { Probe } from "../probe";
import type { World } from "../world";
import { noAccountWith, shown } from "./tools";

/** Logging in and out. */
export const session: Probe[] = [
  {
    question: "Which code does a refused login carry?",
    fact: { source: "refusedLogin", says: "only the text of a refused login is given" },
    settles: "login-refused-code",
    async ask(world) {
      const { address } = await world.user("one");
      const { error } = replyOf(await world.api.loginAnswer({ username: address, password: world.password() }));
      return { value: error && String(error.code), seen: error ? `code ${error.code}` : "a wrong password logs in" };
    },
  },
  {
    question: "What does a refused login say?",
    fact: { source: "refusedLogin", says: "a refused login says that user name or password is not correct" },
    expects: "“Username or password is not correct”",
    async ask(world) {
      const { address } = await world.user("one");
      const { error } = replyOf(await world.api.loginAnswer({ username: address, password: world.password() }));
      const text = error?.message ?? "no error";
      return { holds: /^Username or password is not correct\.?$/.test(text), seen: `“${text}”` };
    },
  },
  {
    question: "Does that end in a full stop?",
    fact: { source: "refusedLogin", says: "of two quotes of it one has a full stop" },
    settles: "login-refused-text",
    async ask(world) {
      const { error } = replyOf(await world.api.loginAnswer(noAccountWith(world)));
      const ends: Record<string, string> = { "correct.": "with-stop", correct: "without-stop" };
      const text = error?.message ?? "no error";
      return { value: ends[text.split(" ").at(-1) ?? ""], seen: `“${text}”` };
    },
  },
  {
    question: "Can an account without any right to administer log in?",
    fact: { source: "reference", says: "the administration's sessions are for administrators" },
    settles: "unprivileged-login",
    async ask(world) {
      const { address, password } = await world.user("one");
      const { error } = replyOf(await world.api.loginAnswer({ username: address, password }));
      const isPlain = error !== undefined && /Username or password is not correct/.test(error.message);
      const seen = error ? `“${error.message}” (${error.code})` : "it is logged in";
      return { value: !error ? undefined : isPlain ? "refused" : "denied", seen };
    },
  },
  {
    question: "Does the server tell its version before the login?",
    fact: { source: "definition", says: "Init alone needs no login; of Version nothing is said" },
    settles: "version-without-login",
    async ask(world) {
      const { error } = replyOf(await world.api.post("Version.getApiVersion", {}));
      return { value: error ? "no" : "yes", seen: error ? `code ${error.code}` : "it is told" };
    },
  },
  {
    question: "Is `application` as a text refused?",
    fact: { source: "seen1008", says: "a text instead of an object is error -32602" },
    expects: "-32602",
    async ask(world) {
      const { error } = replyOf(await world.api.loginAnswer(noAccountWith(world), "Contract suite"));
      return { holds: error?.code === -32602, seen: error ? `code ${error.code}` : "it is taken" };
    },
  },
  {
    question: "What form has the token?",
    fact: { source: "javaClient", says: "a token is 64 hexadecimal characters" },
    expects: "64 hexadecimal characters",
    async ask(world) {
      const { token } = await world.api.session();
      const holds = /^[0-9a-f]{64}$/i.test(token);
      return { holds, seen: holds ? "64 hexadecimal characters" : `${token.length} characters` };
    },
  },
  {
    question: "Which cookies does a login set, and in which order?",
    fact: {
      source: "controlSample",
      says: "the session's cookie comes first, then the token's, which equals `result.token`",
    },
    expects: "SESSION_CONNECT_WEBADMIN, TOKEN_CONNECT_WEBADMIN = token",
    async ask(world) {
      const own = await world.api.login();
      const [first = "", second = ""] = own.cookie.split("; ").map((each) => each.split("=")[0] ?? "");
      const equal = own.cookie.endsWith(`=${own.token}`);
      await world.api.post("Session.logout", {}, { session: own });
      const holds = first === "SESSION_CONNECT_WEBADMIN" && second === "TOKEN_CONNECT_WEBADMIN" && equal;
      return { holds, seen: `${first}, ${second}${equal ? " = token" : ""}` };
    },
  },
  {
    question: "Is a second logout an error?",
    fact: { source: "rubyClient", says: "a second logout raises an error" },
    expects: "an error",
    async ask(world) {
      const own = await world.api.login();
      await world.api.post("Session.logout", {}, { session: own });
      const { error } = replyOf(await world.api.post("Session.logout", {}, { session: own }));
      return { holds: error !== undefined, seen: error ? `code ${error.code}` : "no error" };
    },
  },
  {
    question: "Which code says that nobody is logged in?",
    fact: { source: "note1009", says: "a call without a session is error -32001" },
    expects: "-32001",
    async ask(world) {
      const { error } = replyOf(await world.api.post("Domains.get", { query: {} }));
      return { holds: error?.code === -32001, seen: error ? `code ${error.code}` : "no error" };
    },
  },
  {
    question: "Is the cookie without the token enough?",
    fact: { source: "reference", says: "the token goes into the header X-Token; what its absence gives is not said" },
    settles: "wrong-token-code",
    async ask(world) {
      const { Cookie = "" } = headersOf(await world.api.session());
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "Session.whoAmI" });
      const { error } = replyOf(await world.api.wire.exchange({ body, headers: { ...plainHeaders, Cookie } }));
      return { value: error && String(error.code), seen: error ? `code ${error.code}` : "it is enough" };
    },
  },
  {
    question: "What is said in a session that is over?",
    fact: { source: "note1009", says: "an anonymous call names the user Anonymous; the sister product says otherwise" },
    settles: "ended-session-text",
    async ask(world) {
      const own = await world.api.login();
      await world.api.post("Session.logout", {}, { session: own });
      const { error } = replyOf(await world.api.post("Session.whoAmI", {}, { session: own }));
      const text = error?.message ?? "";
      const value = /Anonymous/.test(text) ? "anonymous" : /not logged in/.test(text) ? "not-logged-in" : undefined;
      return { value, seen: error ? `“${text}” (${error.code})` : "no error" };
    },
  },
  {
    question: "After how many idle minutes is a session over?",
    fact: { source: "guide67", says: "two hours; what 10.x has is not said" },
    settles: "session-idle-minutes",
    ask: (world) => limitOf(world, "sessionExpireTimeout"),
  },
  {
    question: "After how many minutes is it over in any case?",
    fact: { source: "userGuide7", says: "312 hours; what 10.x has is not said" },
    settles: "session-longest-minutes",
    ask: (world) => limitOf(world, "maximumSessionDuration"),
  },
  {
    question: "Does whoAmI name login and role?",
    fact: { source: "definition", says: "`userDetails` has id, domainId, loginName, fullName and effectiveRole" },
    expects: "id, domainId, loginName, fullName, effectiveRole.userRole",
    async ask(world) {
      const { result } = await outcomeOf(world.api.call("Session.whoAmI"));
      const details = (result?.userDetails ?? {}) as Record<string, unknown>;
      const missing = ["id", "domainId", "loginName", "fullName", "effectiveRole"].filter((each) => !(each in details));
      const role = (details["effectiveRole"] as { userRole?: string } | undefined)?.userRole;
      return {
        holds: missing.length === 0 && typeof role === "string",
        seen: missing.length === 0 ? `all, role ${role}` : `without ${missing.join(", ")}`,
      };
    },
  },
];

const minutesIn: Record<string, number> = { Minutes: 1, Hours: 60, Days: 1440, Weeks: 10_080 };

/** A limit of sessions in minutes, as the server is set. */
async function limitOf(world: World, name: string): Promise<{ value: string | undefined; seen: string }> {
  const { options } = await world.api.call("AdvancedOptions.get");
  const limit = options.webMail?.[name] as { value: number; units: string } | undefined;
  const minutes = (limit?.value ?? Number.NaN) * (minutesIn[limit?.units ?? ""] ?? Number.NaN);
  return { value: Number.isNaN(minutes) ? undefined : String(minutes), seen: shown(limit) };
}
