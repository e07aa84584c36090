import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import type { StandInInfo } from "../simulator/host/stand-in";

/** Who logs in. */
export interface MailLogin {
  user: string;
  password: string;
}

/** The bytes of each message by UID. */
export type Messages = Record<string, Buffer>;

/** What a mailbox shows: the inbox, what was sent, and the names of all folders. */
export interface Mailbox {
  folders: string[];
  messages: Messages;
  sent: Messages;
}

/** Where the four services are that mail programs are set up with. */
export interface MailServer extends Pick<StandInInfo, "caFile" | "imap" | "submission"> {
  secureImap: StandInInfo["imap"];
  secureSmtp: StandInInfo["smtp"];
}

/** A mail program as somebody has installed it. */
export interface MailClient {
  read(login: MailLogin): Promise<Mailbox>;
  /** Sends the bytes as they are, and keeps them among what was sent. */
  send(login: MailLogin, sender: string, recipient: string, message: Buffer): Promise<void>;
  /** Tries a login with both services; gives whether each has said that the login is wrong. */
  isRefused(login: MailLogin): Promise<{ imap: boolean; smtp: boolean }>;
}

/** The IMAP client imapflow, and nodemailer for sending by submission, both with STARTTLS. */
export function imapflowClient({ caFile, imap, submission }: MailServer): MailClient {
  const tls = { ca: readFileSync(caFile) };
  const connect = async ({ user, password: pass }: MailLogin): Promise<ImapFlow> => {
    const client = new ImapFlow({ ...imap, auth: { user, pass }, secure: false, tls, logger: false });
    await client.connect();
    return client;
  };
  const send: MailClient["send"] = async ({ user, password: pass }, from, to, raw) => {
    const transport = createTransport({ ...submission, auth: { user, pass }, requireTLS: true, tls });
    try {
      await transport.sendMail({ envelope: { from, to }, raw });
    } finally {
      transport.close();
    }
    const client = await connect({ user, password: pass });
    await client.append("Sent Items", raw, ["\\Seen"]);
    await client.logout();
  };
  const everything = async (client: ImapFlow, folder: string): Promise<Messages> => {
    const { exists } = await client.mailboxOpen(folder, { readOnly: true });
    const fetched = exists > 0 ? await client.fetchAll("1:*", { source: true }) : [];
    return Object.fromEntries(fetched.map(({ uid, source }) => [uid, source ?? Buffer.alloc(0)]));
  };
  const failure = (attempt: Promise<unknown>): Promise<{ authenticationFailed?: boolean; responseCode?: number }> =>
    attempt.then(
      () => ({}),
      (error: object) => error,
    );
  return {
    send,
    read: async (login) => {
      const client = await connect(login);
      const folders = (await client.list()).map((folder) => folder.path);
      const messages = await everything(client, "INBOX");
      const sent = await everything(client, "Sent Items");
      await client.logout();
      return { folders, messages, sent };
    },
    isRefused: async (login) => {
      const imapFailure = await failure(connect(login));
      const sendFailure = await failure(send(login, "a@example.com", "b@example.com", Buffer.alloc(0)));
      return { imap: imapFailure.authenticationFailed === true, smtp: sendFailure.responseCode === 535 };
    },
  };
}

/** Python's imaplib and smtplib at the services inside TLS; needs python3 on the path. */
export function pythonClient({ caFile, secureImap: imap, secureSmtp: smtp }: MailServer): MailClient {
  const run = async <T>(action: string, ...args: string[]): Promise<T> =>
    JSON.parse(await python({ caFile, imap, smtp, action, arguments: args })) as T;
  return {
    read: async ({ user, password }) => {
      type Encoded = Record<string, string>;
      const seen = await run<{ folders: string[]; messages: Encoded; sent: Encoded }>("read", user, password);
      const decoded = (messages: Encoded): Messages =>
        Object.fromEntries(Object.entries(messages).map(([uid, bytes]) => [uid, Buffer.from(bytes, "base64")]));
      return { folders: seen.folders, messages: decoded(seen.messages), sent: decoded(seen.sent) };
    },
    send: ({ user, password }, sender, recipient, message) =>
      run("send", user, password, sender, recipient, message.toString("base64")),
    isRefused: async ({ user, password }) => {
      const answers = await run<{ imap: string; smtp: number }>("refusal", user, password);
      return { imap: answers.imap.includes("AUTHENTICATIONFAILED"), smtp: answers.smtp === 535 };
    },
  };
}

function python(input: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = join(__dirname, "mail_client.py");
    const child = execFile("python3", [script], { timeout: 45_000 }, (error, stdout, stderr) =>
      error ? reject(new Error(`mail_client.py: ${error.message}\n${stderr}`)) : resolve(stdout),
    );
    child.stdin?.end(JSON.stringify(input));
  });
}
