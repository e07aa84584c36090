import { afterEach, beforeEach, expect, it } from "vitest";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

it.each([
  { value: 2, units: "Weeks" },
  { value: 120, units: "Minutes" },
  { value: 48, units: "Hours" },
])("limits of sessions come back as they were set: $value $units", async (limit) => {
  const webMail = { sessionExpireTimeout: limit, maximumSessionDuration: limit };
  await bare.call("AdvancedOptions.set", { options: { webMail } });
  expect((await bare.call("AdvancedOptions.get")).options.webMail).toMatchObject(webMail);
  await bare.call("AdvancedOptions.set", {
    options: { webMail: { sessionExpireTimeout: { value: 1, units: "Days" } } },
  });
  expect((await bare.call("AdvancedOptions.get")).options.webMail).toMatchObject({
    sessionExpireTimeout: { value: 1, units: "Days" },
    maximumSessionDuration: limit,
  });
});

it("a session that is over hides none that lives in a header with both", () => {
  const { engine } = bare;
  const [over, living] = [engine.sessions.open("Admin", undefined), engine.sessions.open("Admin", undefined)];
  over.lastUsedAt = 0;
  const header = [over, living].map(({ id }) => `SESSION_CONNECT_WEBADMIN=${id}`).join("; ");
  expect(engine.sessions.idIn(engine, header, living.token)).toBe(living.id);
  expect(engine.sessions.idIn(engine, header)).toBe(living.id);
  expect(engine.sessions.idIn(engine, `SESSION_CONNECT_WEBADMIN=${over.id}`)).toBe(over.id);
  expect(engine.sessions.idIn(engine, undefined)).toBeUndefined();
});
