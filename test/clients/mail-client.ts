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

/** What the inbox shows: the bytes of each message by UID, and the names of all folders. */
export interface Inbox {
  folders: string[];
  messages: Record<string, Buffer>;
}

/** A mail program as somebody has installed it. */
export interface MailClient {
  read(login: MailLogin): Promise<Inbox>;
  /** Sends the bytes as they are. */
  send(login: MailLogin, sender: string, recipient: string, message: Buffer): Promise<void>;
  /** Tries a login with both services; gives whether each has said that the login is wrong. */
  isRefused(login: MailLogin): Promise<{ imap: boolean; submission: boolean }>;
}

/** The IMAP client imapflow, and nodemailer for sending. */
export function imapflowClient({ caFile, imap, submission }: StandInInfo): MailClient {
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
      await client.mailboxOpen("INBOX", { readOnly: true });
      const messages: Record<string, Buffer> = {};
      for await (const { uid, source } of client.fetch("1:*", { source: true }))
        messages[uid] = source ?? Buffer.alloc(0);
      await client.logout();
      return { folders, messages };
    },
    isRefused: async (login) => {
      const imapFailure = await failure(connect(login));
      const sendFailure = await failure(send(login, "a@example.com", "b@example.com", Buffer.alloc(0)));
      return { imap: imapFailure.authenticationFailed === true, submission: sendFailure.responseCode === 535 };
    },
  };
}

/** Python's imaplib and smtplib; needs python3 on the path. */
export function pythonClient({ caFile, imap, submission }: StandInInfo): MailClient {
  const run = async <T>(action: string, ...args: string[]): Promise<T> =>
    JSON.parse(await python({ caFile, imap, submission, action, arguments: args })) as T;
  return {
    read: async ({ user, password }) => {
      const seen = await run<{ folders: string[]; messages: Record<string, string> }>("read", user, password);
      const messages = Object.entries(seen.messages).map(
        ([uid, bytes]) => [uid, Buffer.from(bytes, "base64")] as const,
      );
      return { folders: seen.folders, messages: Object.fromEntries(messages) };
    },
    send: ({ user, password }, sender, recipient, message) =>
      run("send", user, password, sender, recipient, message.toString("base64")),
    isRefused: async ({ user, password }) => {
      const answers = await run<{ imap: string; submission: number }>("refusal", user, password);
      return { imap: answers.imap.includes("AUTHENTICATIONFAILED"), submission: answers.submission === 535 };
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
