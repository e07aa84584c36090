import type { SecureContextOptions } from "node:tls";
import type { SMTPServer } from "smtp-server";
import type { Serve } from "./doors/door.js";
import type { Engine } from "./engine.js";
import { logInToMail } from "./mail-login.js";
import type { Queue } from "./queue.js";
import { refusalError, smtpServer } from "./smtp.js";

/** SMTP for people's own mail programs: they log in, in the clear or after STARTTLS, and may write to anybody. */
export function serveSubmission(engine: Engine, queue: Queue, credentials: () => SecureContextOptions): Serve {
  let server: SMTPServer | undefined;
  return (socket) => {
    const { cert, key } = credentials();
    server ??= smtpServer(engine, queue, {
      cert,
      key,
      authOptional: false,
      allowInsecureAuth: true,
      authMethods: ["PLAIN", "LOGIN"],
      onAuth: ({ username, password }, { remoteAddress: clientAddress }, done) => {
        const who = { userName: username ?? "", password: password ?? "", clientAddress };
        const login = logInToMail(engine, { door: "submission", protocol: "SMTP", ...who });
        if (login.ok) done(null, { user: login.user.id });
        else done(refusalError("535 5.7.8 authentication failed"));
      },
    });
    server.server.emit("connection", socket);
    return undefined;
  };
}
