import { serverName as who } from "../login-pages.js";

/** What a service says that has nothing behind its port: it greets, and refuses in the words of its protocol. */
export interface Talk {
  /** Said as soon as somebody connects. */
  greeting?: string;
  /** The answer to a line, and whether it is the last. */
  reply(line: string): { text: string; end?: boolean };
}

const end = (text: string) => ({ text: `${text}\r\n`, end: true });
const go = (text: string) => ({ text: `${text}\r\n` });

const pop3: Talk = {
  greeting: `+OK ${who} POP3 server ready\r\n`,
  reply(line) {
    if (/^quit$/i.test(line)) return end("+OK bye");
    return /^capa$/i.test(line) ? go("+OK\r\nUSER\r\n.") : go("-ERR not available");
  },
};

const nntp: Talk = {
  greeting: `200 ${who} NNTP server ready\r\n`,
  reply: (line) => (/^quit$/i.test(line) ? end("205 bye") : go("480 authentication required")),
};

const xmpp: Talk = {
  reply: () =>
    end(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>" +
        "<stream:error><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    ),
};

/** LDAP has no lines: who sends something is not answered and let go. */
const ldap: Talk = { reply: () => ({ text: "", end: true }) };

/** The talk of a service; undefined for those that have a server of their own, the web among them. */
export function talkOf(service: string): Talk | undefined {
  const protocol = service.replace(/^Secure /, "");
  const talks: Record<string, Talk> = {
    POP3: pop3,
    NNTP: nntp,
    LDAP: ldap,
    XMPP: xmpp,
  };
  return talks[protocol];
}
