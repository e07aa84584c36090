import { createServer, type Server, type Socket } from "node:net";
import { Server as SshServer, utils, type AuthContext, type Connection, type ParsedKey } from "ssh2";
import { newSshKey, type SshKey } from "../certificates";
import type { HostFaults } from "../host-faults";
import { address } from "../ports";
import type { Login } from "./login";
import { serveSession } from "./session";
import { Wire } from "./wire";

/** What the SSH server needs to know. */
export interface SshSettings {
  port: number;
  hostKey: SshKey;
  /** The one key that may log in. */
  loginKey: SshKey;
  login: Login;
  faults: HostFaults;
}

/** The host's SSH server: public key login of one user, commands, and SFTP. */
export class SshDoor {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly allowed: ParsedKey;

  constructor(private readonly settings: SshSettings) {
    this.allowed = parsedKey(settings.loginKey.public);
    settings.faults.on("change", () => void this.obeyFaults());
  }

  /** Opens the door; rejects when the port is taken. */
  open(): Promise<void> {
    const server = createServer((socket) => this.connected(socket));
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.settings.port, address, resolve);
    });
  }

  /** Cuts all connections and closes the door. */
  async close(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private async obeyFaults(): Promise<void> {
    const fault = this.settings.faults.look("ssh-refuse");
    const refused = fault !== undefined && fault.mode !== "login";
    if (refused && this.server) {
      const server = this.server;
      this.server = undefined;
      server.close();
    } else if (!refused && !this.server) await this.open();
  }

  private connected(socket: Socket): void {
    this.sockets.add(socket);
    // As OpenSSH's server does for every session.
    socket.setNoDelay(true);
    socket.once("close", () => this.sockets.delete(socket));
    const { faults, hostKey } = this.settings;
    const wrongKey = faults.take("ssh-wrong-host-key");
    const banner = faults.look("ssh-banner")?.text;
    const key = wrongKey ? newSshKey("somebody else").private : hostKey.private;
    const server = new SshServer({
      hostKeys: [key],
      ident: "OpenSSH_9.2p1 Debian-2+deb12u7",
      ...(banner === undefined ? {} : { banner: `${banner}\n` }),
    });
    server.on("connection", (connection) => this.serve(connection));
    // The library takes any stream here, although its types ask for a socket.
    server.injectSocket(new Wire(socket, faults) as unknown as Socket);
  }

  private serve(connection: Connection): void {
    connection.on("error", () => connection.end());
    connection.on("authentication", (context) => this.authenticate(context));
    connection.on("session", (accept) => serveSession(accept(), this.settings.login, this.settings.faults));
  }

  private authenticate(context: AuthContext): void {
    const { faults, login } = this.settings;
    const refused = faults.look("ssh-refuse")?.mode === "login";
    if (refused || context.method !== "publickey" || context.username !== login.user) {
      return context.reject(["publickey"]);
    }
    const sameKey = context.key.data.equals(this.allowed.getPublicSSH());
    const proven = !context.signature || this.allowed.verify(context.blob ?? "", context.signature, context.hashAlgo);
    if (sameKey && proven === true) context.accept();
    else context.reject(["publickey"]);
  }
}

function parsedKey(text: string): ParsedKey {
  const key = utils.parseKey(text);
  if (key instanceof Error) throw key;
  return Array.isArray(key) ? (key[0] as ParsedKey) : key;
}
