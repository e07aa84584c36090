import type { Call, Command } from "./command.js";
import { Refusal } from "./refusal.js";

/** How often a waiting client's folder is looked at. */
const lookEveryMs = 500;

/** IDLE: what comes and goes is told until the client says DONE. */
export const idleCommand: Record<string, Command> = { IDLE: { state: "authenticated", run: idle } };

async function idle({ connection }: Call): Promise<void> {
  const looking = setInterval(() => {
    if (!connection.user()?.isEnabled) connection.bye("the account is gone");
    else connection.tellNews().catch(() => connection.bye("the folder cannot be read"));
  }, lookEveryMs);
  try {
    const line = await connection.ask("idling");
    if (line !== undefined && line.trim().toUpperCase() !== "DONE") throw new Refusal("BAD", "DONE was expected");
  } finally {
    clearInterval(looking);
  }
}
