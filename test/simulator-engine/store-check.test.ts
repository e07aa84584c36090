import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepStoreChecked, storeCheckPause } from "../simulator/engine/store-check";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  bare = new BareEngine();
});
afterEach(() => {
  vi.useRealTimers();
  bare.remove();
});

it("the store is checked at the start and every six hours", async () => {
  const index = join(bare.engine.openMailbox(await bare.user("jdoe")), "INBOX", "index.fld");
  rmSync(index);
  keepStoreChecked(bare.engine);
  for (let count = 0; count < 2; count += 1) {
    expect(existsSync(index)).toBe(true);
    rmSync(index);
    vi.advanceTimersByTime(storeCheckPause - 1);
    expect(existsSync(index)).toBe(false);
    vi.advanceTimersByTime(1);
  }
  expect(existsSync(index)).toBe(true);
  expect(storeCheckPause).toBe(6 * 3_600_000);
});
