import type { Socket } from "node:net";
import { TLSSocket, type SecureContext } from "node:tls";
import { compiler, parser } from "imapflow/lib/handler/imap-handler";
import type { ImapCompileNode, ImapStreamItem } from "imapflow/lib/handler/types";
import type { Engine } from "../engine.js";
import type { User } from "../state.js";
import type { Command } from "./command.js";
import { folderChanges } from "./folder-changes.js";
import { folderCommands } from "./folder-commands.js";
import type { FolderView } from "./folder-view.js";
import { idleCommand } from "./idle-command.js";
import { CommandStream } from "./imap-stream.js";
import { loginCommands } from "./login-commands.js";
import { messageCommands } from "./message-commands.js";
import { mailboxUnavailable, Refusal } from "./refusal.js";
import { rightsCommands } from "./rights-commands.js";
import { writingCommands } from "./writing-commands.js";

const commands = new Map<string, Command>(
  Object.entries({
    ...loginCommands,
    ...folderCommands,
    ...folderChanges,
    ...messageCommands,
    ...writingCommands,
    ...rightsCommands,
    ...idleCommand,
  }),
);

/** How long a client that says nothing is kept; the least that the protocol allows. */
const silentMs = 30 * 60_000;

/** One client of the IMAP service. Its commands are done one after the other. */
export class ImapConnection {
  /** The account that has logged in. */
  userId: string | undefined;
  folder: FolderView | undefined;
  /** Set by a command: nothing more is read after its answer. */
  closing = false;
  /** Set by a command: TLS begins after its answer. */
  secureNext = false;
  readonly clientAddress: string;
  /** Resolved when the client is gone. */
  readonly ended: Promise<void>;
  private readonly stream = new CommandStream(() => void this.line("+ go on"));
  private readonly items: AsyncIterator<ImapStreamItem>;

  constructor(
    readonly engine: Engine,
    private socket: Socket,
    private readonly tls: SecureContext,
    /** Called once what is said is encrypted that was not before. */
    private readonly secured: () => void,
  ) {
    this.clientAddress = socket.remoteAddress ?? "";
    this.items = this.stream[Symbol.asyncIterator]() as AsyncIterator<ImapStreamItem>;
    this.ended = new Promise((resolve) => socket.once("close", () => resolve()));
    // A client that is cut off must not leave a command waiting for its next word.
    void this.ended.then(() => this.stream.destroy());
    engine.readers.add(this);
    void this.ended.then(() => engine.readers.delete(this));
    this.read(socket);
    this.serve().catch(() => this.socket.destroy());
  }

  /** Whether what is said is encrypted. */
  get isSecure(): boolean {
    return this.socket instanceof TLSSocket;
  }

  /** The account that has logged in, while there is one. */
  user(): User | undefined {
    return this.userId === undefined ? undefined : this.engine.user(this.userId);
  }

  /** What the server can, as CAPABILITY says it. */
  capabilities(): string {
    const words = "IMAP4rev1 LITERAL+ SASL-IR ID UNSELECT CHILDREN NAMESPACE IDLE UIDPLUS MOVE ACL".split(" ");
    return [...words, ...(this.isSecure ? [] : ["STARTTLS"]), ...(this.userId ? [] : ["AUTH=PLAIN"])].join(" ");
  }

  /** Sends one line; resolved when the client may be sent more. */
  line(text: string): Promise<void> {
    return this.send(Buffer.from(`${text}\r\n`));
  }

  /** Sends an answer without a tag. */
  untagged(command: string, attributes: ImapCompileNode[]): Promise<void> {
    return this.send(Buffer.concat([compiler({ tag: "*", command, attributes }), Buffer.from("\r\n")]));
  }

  /** Asks for one more line; undefined when none comes. */
  async ask(prompt: string): Promise<string | undefined> {
    await this.line(`+ ${prompt}`);
    this.release();
    const next = await this.items.next();
    if (next.done) return undefined;
    this.release = next.value.next;
    return next.value.payload.toString("latin1");
  }

  /** Says goodbye and closes; a client that does not take it is cut off after a second. */
  bye(reason: string): void {
    const { socket } = this;
    socket.end(`* BYE ${reason}\r\n`, () => socket.destroy());
    setTimeout(() => socket.destroy(), 1000).unref();
  }

  /** Lets the stream go on behind what it has given last. */
  private release: () => void = () => undefined;

  private async serve(): Promise<void> {
    await this.line(`* OK [CAPABILITY ${this.capabilities()}] Kerio Connect 10.0.9 IMAP4rev1 server ready`);
    for (;;) {
      const next = await this.items.next();
      if (next.done) return;
      this.release = next.value.next;
      if (this.userId !== undefined && !this.user()?.isEnabled) return this.bye("the account is gone");
      await this.answer(next.value);
      if (this.closing) return void this.socket.end(() => this.socket.destroy());
      if (this.secureNext) this.secure();
      this.release();
    }
  }

  private async answer({ payload, literals, trailingAfterLine }: ImapStreamItem): Promise<void> {
    const line = payload.toString("latin1");
    const tag = /^[^\s"(){%*\\+]+/.exec(line)?.[0] ?? "*";
    let name = "";
    try {
      const { command = "", attributes = [] } = await parser(quoted(payload), { literals, literalPlus: true });
      name = command.toUpperCase();
      const found = commands.get(name);
      if (!found) throw new Refusal("BAD", `${name} is not known here`);
      if (found.state !== "any" && !this.userId) throw new Refusal("BAD", "log in first");
      if (found.state !== "any" && this.isAway()) throw new Refusal("NO", mailboxUnavailable);
      if (found.state === "selected" && !this.folder) throw new Refusal("BAD", "select a folder first");
      // What somebody has slipped in before TLS must not be taken for the client's.
      if (name === "STARTTLS" && trailingAfterLine) throw new Refusal("BAD", "nothing may follow STARTTLS");
      const text = await found.run({ name, attributes, connection: this });
      // Numbers may not change under a FETCH, STORE or SEARCH by number.
      if (!/^(FETCH|STORE|SEARCH|SELECT|EXAMINE)$/.test(name)) await this.tellNews();
      await this.line(`${tag} OK ${text ?? `${name} completed`}`);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal("BAD", `${name} is not understood`.trim());
      await this.line(`${tag} ${refusal.status} ${refusal.message}`);
    }
  }

  /** Tells what has come and gone in the selected folder. */
  async tellNews(): Promise<void> {
    if (!this.folder || this.isAway()) return;
    const { gone, count, grown } = this.folder.look();
    for (const sequence of gone) await this.line(`* ${sequence} EXPUNGE`);
    if (grown) await this.line(`* ${count} EXISTS`);
  }

  /** Whether the mailbox of who has logged in cannot be had before the next start. */
  private isAway(): boolean {
    const user = this.user();
    return user !== undefined && this.engine.bindings.isAway(user);
  }

  private read(socket: Socket): void {
    socket.setTimeout(silentMs, () => this.bye("nothing has been heard for long"));
    socket.on("error", () => socket.destroy());
    this.stream.on("error", () => socket.destroy());
    socket.pipe(this.stream);
  }

  private secure(): void {
    this.secureNext = false;
    const plain = this.socket;
    plain.setTimeout(0).unpipe(this.stream);
    this.socket = new TLSSocket(plain, { isServer: true, secureContext: this.tls });
    this.socket.once("secure", this.secured);
    this.read(this.socket);
  }

  private async send(bytes: Buffer): Promise<void> {
    const { socket } = this;
    if (!socket.writable || socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.once("drain", done).once("close", done);
    });
  }
}

/** The parser knows wildcards inside a word only between quotes. */
function quoted(payload: Buffer): Buffer {
  const line = payload.toString("latin1");
  const at = line.lastIndexOf(" ") + 1;
  const last = line.slice(at);
  const isBare = /^\S+ (LIST|LSUB) /i.test(line) && /[*%]/.test(last) && !/[\s"(){}\\]/.test(last);
  return isBare ? Buffer.from(`${line.slice(0, at)}"${last}"`, "latin1") : payload;
}
