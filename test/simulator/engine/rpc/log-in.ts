import type { Engine } from "../engine.js";
import type { Session } from "../sessions.js";
import { effectiveRoleOf, rankOf } from "./account-rules.js";
import { RpcError } from "./rpc-error.js";

/**
 * Opens a session of the administration for a user name and a password, by whichever door they came. Throws the one
 * known text for bad ones, locked and disabled accounts alike; an account that administers nothing is refused, too.
 */
export function logIn(engine: Engine, userName: string, password: string, clientAddress: string): Session {
  const login = engine.sessions.judge(engine, userName, password, clientAddress);
  engine.truth.write("logins", { door: "admin", user: userName, outcome: login.outcome });
  if (login.outcome !== "in") {
    throw refused(engine);
  }
  if (login.user && rankOf(effectiveRoleOf(engine, login.user)) === 0) {
    throw engine.switches.of("unprivileged-login") === "denied" ? RpcError.denied() : refused(engine);
  }
  return engine.sessions.open(userName, login.user, clientAddress);
}

function refused({ switches }: Engine): RpcError {
  const stop = switches.of("login-refused-text") === "with-stop" ? "." : "";
  return new RpcError(switches.number("login-refused-code"), `Username or password is not correct${stop}`);
}
