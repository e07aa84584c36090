import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearDeadRun } from "../../provider/host/dead-run";
import { closeSnapshot, writeSnapshot } from "../../provider/host/snapshot-store";
import { FakeHost } from "./fake-host";

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.destroy());

const file = (name: string) => join(host.state, "snapshots", name);
const files = () => readdirSync(join(host.state, "snapshots")).sort();

function age(days: number, ...names: string[]): void {
  const then = new Date(Date.now() - (days + 0.1) * 86400_000);
  for (const name of names) utimesSync(file(name), then, then);
}

async function closed(id: string, days: number): Promise<void> {
  await writeSnapshot(host.session(), id, id);
  await closeSnapshot(host.session(), id, id);
  age(days, `${id}.closed.json`);
}

test("a closed one goes on its thirtieth day, with whoever looks for a dead run", async () => {
  await closed("young", 29);
  await closed("old", 30);
  await clearDeadRun(host.session());
  expect(files()).toEqual(["young.closed.json"]);
});

test("one that died in its closing leaves nothing that would count again", async () => {
  await closed("old", 40);
  writeFileSync(file("old.open.json"), "before the results");
  age(40, "old.open.json");
  await clearDeadRun(host.session());
  expect(files()).toEqual([]);
});

test("one that is being opened again at this moment stays", async () => {
  await closed("old", 40);
  writeFileSync(file("old.open.json"), "opened again");
  await clearDeadRun(host.session());
  expect(files()).toEqual(["old.closed.json", "old.open.json"]);
});
