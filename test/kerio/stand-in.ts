import { readFileSync } from "node:fs";
import { defaultTimeouts } from "../../provider/config-fields";
import type { ApiSettings } from "../../provider/kerio/api-settings";
import type { Simulator } from "../helpers/start-simulator";

/** Settings that reach that stand-in as its administrator. */
export function apiSettings(server: Simulator, change: Partial<ApiSettings> = {}): ApiSettings {
  const { adminUrl: url, admin, caFile } = server.info;
  const ca = readFileSync(caFile, "utf8");
  return { url, username: admin.user, password: admin.password, ca, timeouts: defaultTimeouts, ...change };
}

/** How often each method was called since the start, the failed calls included. */
export async function countCalls(server: Simulator, method: string): Promise<number> {
  return (await server.control.calls()).filter((call) => call.method === method).length;
}
