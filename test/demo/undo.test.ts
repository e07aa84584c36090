import { expect, test } from "vitest";
import { Undo } from "./undo";

test("the last one is ended first, once, and what fails keeps nothing from being ended", async () => {
  const undo = new Undo();
  const ended: string[] = [];
  undo.add(async () => void ended.push("directory"));
  undo.add(() => Promise.reject(new Error("no end of the server")));
  undo.add(async () => void ended.push("program"));
  expect(undo.hasBegun).toBe(false);
  const runs = [undo.run(), undo.run()];
  expect(undo.hasBegun).toBe(true);
  expect(await Promise.all(runs)).toEqual([false, false]);
  expect(ended).toEqual(["program", "directory"]);
});
