import { logInToMail } from "../mail-login.js";
import type { Call, Command } from "./command.js";
import { mailboxUnavailable, Refusal } from "./refusal.js";
import { stringOf, text } from "./values.js";

/** Commands that need no folder: logging in and out, and what the server can. */
export const loginCommands: Record<string, Command> = {
  CAPABILITY: {
    state: "any",
    run: ({ connection }) => connection.line(`* CAPABILITY ${connection.capabilities()}`),
  },
  NOOP: { state: "any", run: () => undefined },
  CHECK: { state: "selected", run: () => undefined },
  ID: {
    state: "any",
    run: ({ connection }) => connection.untagged("ID", [[text("name"), text("Kerio Connect")]]),
  },
  LOGOUT: {
    state: "any",
    run: async ({ connection }) => {
      await connection.line("* BYE logging out");
      connection.closing = true;
    },
  },
  STARTTLS: {
    state: "any",
    run: ({ connection }) => {
      if (connection.isSecure) throw new Refusal("BAD", "TLS is on already");
      connection.secureNext = true;
      return "begin TLS now";
    },
  },
  LOGIN: {
    state: "any",
    run: (call) => logIn(call, stringOf(call.attributes[0]), stringOf(call.attributes[1])),
  },
  "AUTHENTICATE PLAIN": {
    state: "any",
    run: async (call) => {
      const [initial] = call.attributes;
      const given = initial ? stringOf(initial) : await call.connection.ask("");
      if (given === undefined || given === "*") throw new Refusal("BAD", "given up");
      const [, userName, password] = Buffer.from(given, "base64").toString("utf8").split("\0");
      if (userName === undefined || password === undefined) throw new Refusal("BAD", "not of the form of PLAIN");
      return logIn(call, userName, password);
    },
  },
};

function logIn({ connection }: Call, userName: string, password: string): string {
  if (connection.user()) throw new Refusal("BAD", "somebody is logged in already");
  const { engine, clientAddress } = connection;
  const login = logInToMail(engine, { door: "imap", protocol: "IMAP", userName, password, clientAddress });
  if (!login.ok) {
    const isForNow = login.reason === "unavailable";
    throw new Refusal("NO", isForNow ? mailboxUnavailable : "[AUTHENTICATIONFAILED] login failed");
  }
  connection.userId = login.user.id;
  return `[CAPABILITY ${connection.capabilities()}] logged in`;
}
