import { afterAll, beforeAll, expect, it } from "vitest";
import { photoIn, photos } from "../helpers/photos";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

beforeAll(async () => {
  simulator = await stage({ switches: { "contact-addresses": "objects", "photo-of-another": "copied" } });
  const id = await idOf(simulator, "jdoe");
  const photo = { id: await simulator.upload("me.png", photos.png), url: "" };
  const emailAddresses = [{ address: "j@example.org", type: "EmailHome" }];
  await simulator.adminCall("Users.setPersonalContact", { userIds: [id], contact: { photo, emailAddresses } });
  plugin = provider(settingsOf(simulator));
});

afterAll(async () => {
  await plugin?.close();
  await simulator?.stop();
});

it("is carried over with its photo, and with everything that the server holds beside an address", async () => {
  const was = await picture(simulator);
  const result = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", was.account("jdoe").id));
  expect(result.notes).toEqual([]);
  const { contact } = (await picture(simulator)).account("jsmith");
  expect(contact).toMatchObject({
    firstName: "J.",
    departmentName: "Books",
    emailAddresses: [{ address: "j@example.org", type: "EmailHome" }],
  });
  expect(photoIn((await picture(simulator)).account("jsmith"))).toEqual(photos.png);
});

it.each([
  ["refused", "jsmith", "jd"],
  ["ignored", "jd", "js"],
])("keeps the rest where a photo of another account is %s, and says so", async (rule, from, to) => {
  // The photo of before may have been left behind by the case before this one.
  const photo = { id: await simulator.upload("me.jpg", photos.jpeg), url: "" };
  const id = await idOf(simulator, from);
  await simulator.adminCall("Users.setPersonalContact", { userIds: [id], contact: { photo } });
  await simulator.control.setSwitch("photo-of-another", rule);
  const result = await plugin.coordinator.create(renameRequest(from, to, id));
  expect(result.notes).toEqual([expect.stringContaining("did not take the photo")]);
  const account = (await picture(simulator)).account(to);
  expect(account["contact"]).toMatchObject({ firstName: "J.", emailAddresses: [{ address: "j@example.org" }] });
  expect(photoIn(account)).toBeUndefined();
});

it("keeps the parts of a postal address that the program leaves out", async () => {
  const id = await idOf(simulator, "js");
  const postalAddressWork = { street: "Main 1", locality: "Brno", zip: "602 00" };
  await simulator.adminCall("Users.setPersonalContact", { userIds: [id], contact: { postalAddressWork } });
  const contact = { postalAddressWork: { street: "Main 2" } };
  const result = await plugin.coordinator.create(renameRequest("js", "jt", id, { contact }));
  expect(result.notes).toEqual([]);
  expect((await picture(simulator)).account("jt")["contact"]).toMatchObject({
    firstName: "J.",
    postalAddressWork: { ...postalAddressWork, street: "Main 2" },
  });
});
