import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Queue } from "../simulator/engine/queue";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

it("a message that cannot be read ends no server whose queue runs by itself", () => {
  const queue = new Queue(bare.engine);
  bare.choose({ "queue-while-held": "deliver" });
  const envelope = join(bare.engine.store, "queue/00/a1.env");
  writeFileSync(envelope, JSON.stringify({ sender: "a@example.org", recipients: ["jdoe@example.com"] }));
  expect(() => queue.run()).toThrow("ENOENT");
  expect(() => queue.tryToRun()).not.toThrow();
  rmSync(envelope);
});
