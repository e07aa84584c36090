import { z } from "zod";
import type { Engine } from "../engine.js";
import { search, searchQuery } from "../search-query.js";
import type { MobileDevice } from "../state.js";
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
      search(structuredClone(devicesOf(engine, userId)), query, { switches: engine.switches }),
    ),
  ),

  removeMobileDevice: partly(
    gap,
    method(one, ({ userId, deviceId }, { engine }) => {
      const devices = devicesOf(engine, userId);
      devices.splice(devices.indexOf(deviceOf(engine, userId, deviceId)), 1);
      return {};
    }),
  ),

  wipeMobileDevice: partly(
    gap,
    method(one, ({ userId, deviceId }, { engine }) => {
      deviceOf(engine, userId, deviceId).status = "DevStatWipeInitiated";
      return {};
    }),
  ),

  cancelWipeMobileDevice: partly(
    gap,
    method(one, ({ userId, deviceId }, { engine }) => {
      const device = deviceOf(engine, userId, deviceId);
      if (device.status !== "DevStatWipeInitiated") throw RpcError.failed("No wipe of %1 is under way.", deviceId);
      device.status = "DevStatConnected";
      return {};
    }),
  ),
};

function devicesOf(engine: Engine, userId: string): MobileDevice[] {
  const user = engine.user(userId);
  if (!user) throw RpcError.missing(userId);
  return user.mobileDevices;
}

function deviceOf(engine: Engine, userId: string, deviceId: string): MobileDevice {
  const device = devicesOf(engine, userId).find((each) => each.deviceId === deviceId);
  if (!device) throw RpcError.missing(deviceId);
  return device;
}
