import type { Probe } from "../probe";
import type { World } from "../world";

/** Services are looked at and never switched. */
export const services: Probe[] = [
  {
    question: "Which services are there?",
    fact: { source: "seen1008", says: "fifteen, from SMTP to Secure XMPP; the administration is none of them" },
    needs: ["full-admin"],
    expects: "the fifteen",
    async ask(world) {
      const names = (await all(world)).map(({ name }) => name);
      const missing = fifteen.filter((each) => !names.includes(each));
      const more = names.filter((each) => !fifteen.includes(each));
      const seen = [
        ...missing.map((each) => `no ${each}`),
        ...more.map((each) => `${each} as well`),
        ...(missing.length + more.length === 0 ? ["the fifteen"] : []),
      ];
      return { holds: missing.length + more.length === 0, seen: seen.join(", ") };
    },
  },
  {
    question: "What does a service show?",
    fact: {
      source: "definition",
      says: "id, howToStart, listeners with type, address and port, isRunning, and limits",
    },
    needs: ["full-admin"],
    expects: "all of it, the id as keriodb://service/GUID",
    async ask(world) {
      const [first = { name: "" }] = await all(world);
      const members = ["id", "howToStart", "listeners", "group", "connectionLimit", "defaultPort", "isRunning"];
      const missing = members.filter((each) => !(each in first));
      const known = /^keriodb:\/\/service\/[0-9a-f-]{36}$/.test(String(first["id"]));
      const seen = missing.length > 0 ? `without ${missing.join(", ")}` : known ? "all of it" : "another form of id";
      return { holds: missing.length === 0 && known, seen };
    },
  },
];

const secured = ["SMTP", "POP3", "IMAP", "NNTP", "LDAP", "HTTP", "XMPP"];
const fifteen = ["SMTP Submission", ...secured.flatMap((name) => [name, `Secure ${name}`])];

interface Service extends Record<string, unknown> {
  name: string;
}

async function all(world: World): Promise<Service[]> {
  return (await world.api.call("Services.get")).services;
}
