import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.js";
import { isDirectory } from "./mailbox.js";
import type { MobileDevice, User } from "./state.js";
import { makeDirectory } from "./store-modes.js";

/** What a mailbox keeps of devices; that there is such a directory was seen, not what lies in it. */
const fileIn = (mailbox: string) => join(mailbox, "#sync", "devices.json");

/** The devices of an account, a copy: those that it has itself, or its mailbox, see the switch mobile-devices. */
export function devicesOf(engine: Engine, user: User): MobileDevice[] {
  if (engine.switches.of("mobile-devices") === "of-account") return structuredClone(user.mobileDevices);
  const mailbox = engine.bindings.directoryOf(user);
  if (mailbox === undefined || !existsSync(fileIn(mailbox))) return [];
  return JSON.parse(readFileSync(fileIn(mailbox), "utf8")) as MobileDevice[];
}

/** Gives an account these devices, and its mailbox where it has one: either may be asked next. */
export function keepDevices(engine: Engine, user: User, devices: MobileDevice[]): void {
  user.mobileDevices = devices;
  const mailbox = engine.bindings.directoryOf(user);
  if (mailbox !== undefined && isDirectory(mailbox)) writeDevices(engine, mailbox, devices);
}

/** A mailbox is made for an account that has devices already. */
export function placeDevices(engine: Engine, user: User, mailbox: string): void {
  if (user.mobileDevices.length > 0 && !existsSync(fileIn(mailbox))) writeDevices(engine, mailbox, user.mobileDevices);
}

function writeDevices({ modes }: Engine, mailbox: string, devices: MobileDevice[]): void {
  makeDirectory(join(mailbox, "#sync"), modes.directory);
  writeFileSync(fileIn(mailbox), JSON.stringify(devices));
  chmodSync(fileIn(mailbox), modes.file);
}
