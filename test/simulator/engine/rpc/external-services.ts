import { z } from "zod";
import { method, partly, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

const service = z.string();
const connectionId = z.string();
const gap = "connections are not counted against a service's limit";

/** The methods of Users by which a service beside the server asks about its own connections. */
export const externalServices: Interface = {
  connectFromExternalService: partly(
    gap,
    method(
      z.object({ service, connectionId, clientIpAddress: z.string(), port: z.number().int(), isSecure: z.boolean() }),
      () => ({ result: true }),
    ),
  ),

  authenticateConnectionFromExternalService: partly(
    "whom the real one denies is not known: `AuthDenied` is never answered",
    method(
      z.object({ userName: z.string(), password: z.base64(), service, connectionId, isSecure: z.boolean() }),
      ({ userName, password, service: door }, { engine }) => {
        const { outcome } = engine.sessions.judge(engine, userName, Buffer.from(password, "base64").toString("utf8"));
        engine.truth.write("logins", { door, user: userName, outcome });
        const licensed = engine.seatsTaken() <= engine.environment.licenceSeats;
        const results = { in: "AuthOK", refused: "AuthFail", disabled: "AuthUserDisabled", locked: "AuthTryLater" };
        return { result: outcome === "in" && !licensed ? "AuthLicense" : results[outcome] };
      },
    ),
  ),

  disconnectFromExternalService: partly(
    gap,
    method(nothing, () => ({})),
  ),
};
