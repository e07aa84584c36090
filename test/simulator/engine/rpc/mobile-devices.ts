import { z } from "zod";
import type { Engine } from "../engine.js";
import { search, searchQuery } from "../search-query.js";
import type { MobileDevice, User } from "../state.js";
import { devicesOf, keepDevices } from "../stored-devices.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";

const one = z.object({ userId: id, deviceId: z.string() });
const gap = "no device can connect; the seed `demo` has one, and a wipe stays asked for";

/** The methods of Users for the devices of an account. */
export const mobileDevices: Interface = {
  getMobileDeviceList: partly(
    gap,
    method(z.object({ userId: id, query: searchQuery }), ({ userId, query }, { engine }) =>
      search(devicesOf(engine, accountOf(engine, userId)), query, { switches: engine.switches }),
    ),
  ),

  removeMobileDevice: partly(
    gap,
    method(one, (asked, { engine }) => changeDevice(engine, asked, () => [])),
  ),

  wipeMobileDevice: partly(
    gap,
    method(one, (asked, { engine }) =>
      changeDevice(engine, asked, (device) => [{ ...device, status: "DevStatWipeInitiated" }]),
    ),
  ),

  cancelWipeMobileDevice: partly(
    gap,
    method(one, (asked, { engine }) =>
      changeDevice(engine, asked, (device) => {
        if (device.status !== "DevStatWipeInitiated") {
          throw RpcError.failed("No wipe of %1 is under way.", device.deviceId);
        }
        return [{ ...device, status: "DevStatConnected" }];
      }),
    ),
  ),
};

function accountOf(engine: Engine, userId: string): User {
  const user = engine.user(userId);
  if (!user) throw RpcError.missing(userId);
  return user;
}

/** Puts what `change` gives in the place of one device. */
function changeDevice(
  engine: Engine,
  { userId, deviceId }: z.infer<typeof one>,
  change: (device: MobileDevice) => MobileDevice[],
): object {
  const user = accountOf(engine, userId);
  const devices = devicesOf(engine, user);
  if (!devices.some((each) => each.deviceId === deviceId)) throw RpcError.missing(deviceId);
  keepDevices(
    engine,
    user,
    devices.flatMap((each) => (each.deviceId === deviceId ? change(each) : [each])),
  );
  return {};
}
