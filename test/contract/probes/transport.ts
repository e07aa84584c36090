import { headersOf, plainHeaders, replyOf, type RpcReply } from "../api-client";
import type { FactProbe, Probe } from "../probe";
import { apiPath, type WireRequest } from "../wire";
import type { World } from "../world";
import { shown } from "./tools";

async function answered(world: World, request: WireRequest) {
  const headers = { ...plainHeaders, ...headersOf(await world.api.session()), ...request.headers };
  return world.api.wire.exchange({ ...request, headers });
}

const whoAmI = (more: object = {}) => JSON.stringify({ jsonrpc: "2.0", id: 1, method: "Session.whoAmI", ...more });

/** A form of a request that the server takes, as some client sends it. */
function taken(question: string, fact: FactProbe["fact"], request: WireRequest): FactProbe {
  return {
    question,
    fact,
    expects: "a result",
    async ask(world) {
      const { error, result } = replyOf(await answered(world, request));
      return { holds: result !== undefined, seen: error ? `code ${error.code}` : "a result" };
    },
  };
}

function coded(question: string, fact: FactProbe["fact"], body: string, code: number): FactProbe {
  return {
    question,
    fact,
    expects: String(code),
    async ask(world) {
      const { error } = replyOf(await answered(world, { body }));
      return { holds: error?.code === code, seen: error ? `code ${error.code}` : "no error" };
    },
  };
}

const tolerated = (says: string) => ({ source: "clients", says }) as const;

/** How requests and answers travel. */
export const transport: Probe[] = [
  taken("Is the path taken without its last slash?", tolerated("clients leave it away"), {
    path: apiPath.replace(/\/$/, ""),
    body: whoAmI(),
  }),
  taken("Are other media types taken?", tolerated("clients send application/json"), {
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: whoAmI(),
  }),
  taken(
    "Is a body that ends in CRLF taken?",
    { source: "phpLibrary", says: "the library ends every body in CRLF" },
    { body: `${whoAmI({ params: {} })}\r\n` },
  ),
  taken("Is a further member `token` taken?", tolerated("clients send one"), { body: whoAmI({ token: "x" }) }),
  taken("Is a text as `params` taken?", tolerated("one client sends an empty text"), { body: whoAmI({ params: "" }) }),
  {
    question: "Is an id of 64 bits echoed exactly?",
    fact: { source: "javaClient", says: "a random 64-bit id came back exactly" },
    expects: "8652548341168163840",
    async ask(world) {
      const body = whoAmI().replace('"id":1', '"id":8652548341168163840');
      const { text } = await answered(world, { body });
      const echoed = /"id"\s*:\s*([^,}]+)/.exec(text)?.[1] ?? "nothing";
      return { holds: echoed.trim() === "8652548341168163840", seen: echoed };
    },
  },
  {
    question: "Is an id that is a text echoed?",
    fact: tolerated("one client sends the text Null as its id"),
    expects: '`"Null"`',
    async ask(world) {
      const { id } = replyOf(await answered(world, { body: whoAmI({ id: "Null" }) }));
      return { holds: id === "Null", seen: shown(id) };
    },
  },
  {
    question: "Which HTTP status has an error?",
    fact: { source: "phpLibrary", says: "errors come with status 200: the library looks at no body of another" },
    expects: "200",
    async ask(world) {
      const { status } = await answered(world, { body: whoAmI({ method: "Session.login", params: {} }) });
      return { holds: status === 200, seen: String(status) };
    },
  },
  {
    question: "Has an answer its length, and no chunks?",
    fact: { source: "phpLibrary", says: "the library cannot read chunks" },
    expects: "Content-Length",
    async ask(world) {
      const { headers } = await answered(world, { body: whoAmI() });
      const length = headers["content-length"];
      return {
        holds: length !== undefined && headers["transfer-encoding"] === undefined,
        seen: length === undefined ? `Transfer-Encoding ${headers["transfer-encoding"]}` : "Content-Length",
      };
    },
  },
  {
    question: "Which media type has an answer?",
    fact: { source: "controlSample", says: "answers are application/json-rpc" },
    expects: "application/json-rpc",
    async ask(world) {
      const { headers } = await answered(world, { body: whoAmI() });
      const type = headers["content-type"] ?? "none";
      return { holds: type.startsWith("application/json-rpc"), seen: type };
    },
  },
  {
    question: "Does an answer after the login set cookies?",
    fact: tolerated("two clients overwrite their cookie with any later one"),
    expects: "no",
    async ask(world) {
      const { headers } = await answered(world, { body: whoAmI() });
      const cookies = headers["set-cookie"]?.length ?? 0;
      return { holds: cookies === 0, seen: cookies === 0 ? "no" : `${cookies}` };
    },
  },
  {
    question: "Is an array of calls answered?",
    fact: { source: "clients", says: "no client sends one; the product has Batch.run" },
    settles: "batch-arrays",
    async ask(world) {
      const reply: unknown = replyOf(await answered(world, { body: `[${whoAmI()},${whoAmI({ id: 2 })}]` }));
      if (!Array.isArray(reply)) {
        const { error } = reply as RpcReply;
        return { value: error && "refused", seen: error ? `code ${error.code}` : "one answer" };
      }
      const ids = reply.map((each: RpcReply) => each.id);
      return { value: ids.join() === "1,2" ? "answered" : undefined, seen: `answers with the ids ${ids.join(", ")}` };
    },
  },
  {
    question: "Does null stand for a text that is left out?",
    fact: { source: "clients", says: "a client in Go writes null for a list of nothing; of a text nothing is said" },
    settles: "null-member",
    async ask(world) {
      const description = world.name("kept");
      const { id } = await world.user("one", { description });
      const pattern = { fullName: "Jane Doe", description: null };
      const refused = (await world.bulk("Users.set", { userIds: [id], pattern })).errors[0];
      if (refused) return { value: refused.code === -32602 ? "refused" : undefined, seen: `code ${refused.code}` };
      const row = await world.row("users", id);
      const isKept = row?.["description"] === description && row["fullName"] === "Jane Doe";
      return {
        value: isKept ? "left-out" : undefined,
        seen: isKept ? "yes" : `it became ${shown(row?.["description"])}`,
      };
    },
  },
  coded("Which code has a body that is no JSON?", { source: "javaClient", says: "-32700" }, "{", -32700),
  coded("Which code has a call without a method?", { source: "javaClient", says: "-32600" }, '{"id":1}', -32600),
  coded(
    "Which code have wrong parameters?",
    { source: "seen1008", says: "a missing parameter is -32602" },
    whoAmI({ method: "Users.get", params: {} }),
    -32602,
  ),
];
