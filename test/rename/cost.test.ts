import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultTimeouts } from "../../provider/config-fields";
import type { UserRequest } from "../../provider/rename/user-request";
import { crowd, renamesOf, type Crowd } from "./crowd";
import { provider, settingsOf } from "./stage";

let people: Crowd;

beforeAll(async () => {
  people = await crowd(201, 1000);
});
afterAll(() => people?.simulator.stop());

interface Cost {
  calls: number;
  /** Seconds from the first request to the last answer. */
  took: number;
  /** Seconds without the service. */
  away: number;
}

async function costOf(requests: UserRequest[]): Promise<Cost> {
  const { control } = people.simulator;
  const calls = (await control.calls()).length;
  const plugin = provider(settingsOf(people.simulator, { timeouts: { ...defaultTimeouts } }));
  const began = Date.now();
  await Promise.all(requests.map((request) => plugin.coordinator.create(request)));
  const took = (Date.now() - began) / 1000;
  await plugin.close();
  const away = (await control.downtimes()).at(-1)?.seconds ?? 0;
  return { calls: (await control.calls()).length - calls, took, away };
}

it("200 renames in one window cost a few calls each, and the service is away little longer than for one", async () => {
  const all = renamesOf(people, 201);
  const one = await costOf(all.slice(0, 1));
  const many = await costOf(all.slice(1));
  const told = JSON.stringify({ one, many });
  // What grows for each rename: its questions, and its card in the address book.
  expect((many.calls - one.calls) / 199, told).toBeLessThan(4);
  // Both were measured one after the other on the same machine; a move is a handful of processes on the host.
  expect(many.away / one.away, told).toBeLessThan(6);
}, 300_000);
