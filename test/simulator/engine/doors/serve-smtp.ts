import type { Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type { SMTPServer, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import type { Engine } from "../engine.js";
import { logInToMail } from "../mail-login.js";
import type { Queue } from "../queue.js";
import { refusalError, smtpServer } from "../smtp.js";
import type { Connection, Serve } from "./door.js";

/** What tells the three services apart that take mail. */
export interface SmtpManner {
  /** How the truth names the way in. */
  door: string;
  /** Whether nobody may send who has not logged in. */
  loginFirst: boolean;
  /** TLS is never on, can be asked for, or lies around the connection. */
  tls: "none" | "offered" | "around";
}

/** SMTP behind a port. Who has logged in may write to anybody, all others to the addresses of the domains. */
export function serveSmtp(
  engine: Engine,
  queue: Queue,
  credentials: () => SecureContextOptions,
  { door, loginFirst, tls }: SmtpManner,
): Serve {
  let server: SMTPServer | undefined;
  const open = new Map<number | undefined, Connection>();
  return (socket, connection) => {
    server ??= smtpServer(engine, queue, {
      ...encryption(tls, credentials),
      authOptional: !loginFirst,
      allowInsecureAuth: true,
      authMethods: ["PLAIN", "LOGIN"],
      onSecure: (_socket, { remotePort }, done) => {
        const secured = open.get(remotePort);
        if (secured) secured.isSecure = true;
        done(null);
      },
      onClose: ({ remotePort }) => void open.delete(remotePort),
      onAuth: ({ username, password }, { remoteAddress: clientAddress }, done) => {
        const who = { userName: username ?? "", password: password ?? "", clientAddress };
        const login = logInToMail(engine, { door, protocol: "SMTP", ...who });
        if (login.ok) done(null, { user: login.user.id });
        else if (login.reason === "unavailable") done(refusalError("454 4.7.0 the mailbox is not available"));
        else done(refusalError("535 5.7.8 authentication failed"));
      },
    });
    const { connections, options } = server;
    options.name = engine.state.settings.hostname;
    open.set(socket.remotePort, connection);
    server.server.emit("connection", socket);
    return () => sayGoodbye(connections as ReadonlySet<Client>, socket);
  };
}

function encryption(tls: SmtpManner["tls"], credentials: () => SecureContextOptions): SMTPServerOptions {
  if (tls === "around") return { secure: true, secured: true };
  if (tls === "none") return { disabledCommands: ["STARTTLS"] };
  const { cert, key } = credentials();
  return { cert, key };
}

/** A connection as smtp-server keeps it. */
interface Client {
  _socket: Socket;
  session: Partial<SMTPServerSession>;
  send(code: number, text: string): void;
  close(): void;
}

/** Who is in the middle of a message has the time that the door gives to end it. */
function sayGoodbye(clients: ReadonlySet<Client>, { remotePort }: Socket): void {
  const client = [...clients].find((each) => each._socket.remotePort === remotePort);
  if (!client || client.session.envelope?.mailFrom) return;
  client.send(421, "4.3.2 the service stops");
  client.close();
}
