import { KerioError } from "../errors";
import type { Supervisor } from "../host/supervisor";
import type { MailServer } from "./mail-server";

/**
 * Why no snapshot may be begun in this run; undefined where one may: services that a rename has held and that could not be
 * started again would be taken for services that nobody runs. The supervisor's end opens them.
 */
export function whatIsHeld(server: MailServer, supervisor: Supervisor): KerioError | undefined {
  if (!supervisor.isHolding) return undefined;
  return new KerioError("HOST_UNSUITABLE", {
    object: `mail server ${server.settings.api.url}`,
    doing: "beginning a rename",
    happened: "the mail services that an earlier rename of this run has held could not be started again",
    next: "The supervisor on the mail host restarts the server at the end of this run, which opens them. Nothing of this rename has been touched: run `pulumi up` again.",
  });
}
