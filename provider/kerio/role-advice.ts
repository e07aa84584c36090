import { settingKey } from "../setting-key";
import type { ApiSettings } from "./api-settings";

/** The code with which the server refuses what the login's role does not allow. */
export const accessDenied = 1004;

/**
 * What to do where the login lacks the right. Which role may do what is documented for some calls only; a full
 * administrator may do whatever there is.
 *
 * @param settings of the server, where it is known which one has answered
 */
export function roleAdvice(settings?: Pick<ApiSettings, "username" | "name">): string {
  const login = settings ? `the login ${settings.username}` : "the login of this server";
  const [username, password] = [settingKey("username", settings?.name), settingKey("password", settings?.name)];
  return (
    `Give ${login} the role of a full administrator (the rights over the whole server, read and write) in the ` +
    `administration, or set ${username} and ${password} to a login that has it.`
  );
}
