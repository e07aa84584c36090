import { describe, expect, it } from "vitest";
import type { Context, Properties } from "../../provider/dynamic/lifecycle";
import { Memory } from "../../provider/dynamic/memory";
import { PartialFailure } from "../../provider/rename/partial-failure";
import type { UserResult } from "../../provider/rename/user-request";
import { updateUser } from "../../provider/resources/user-update";

const stored: Properties = {
  domain: "example.com",
  name: "jsmith",
  userId: "2",
  address: "jsmith@example.com",
  mailboxPath: "/store/mail/example.com/jsmith",
  initialPassword: "the first one",
  previousNames: ["jdoe"],
  managed: [],
  unfinished: true,
};
const declared: Properties = { domain: "example.com", name: "jsmith" };
const result: UserResult = {
  userId: "2",
  address: "jsmith@example.com",
  mailboxPath: "/store/mail/example.com/jsmith",
  initialPassword: "the next one",
  notes: [],
};

function context(finishOpen: () => Promise<UserResult>): Context {
  const inventory = { users: () => Promise.reject(new Error("the list cannot be had")) };
  return {
    memory: new Memory(),
    log: { info: () => {}, warn: () => {}, progress: () => {} },
    server: () => ({ coordinator: { finishOpen }, inventory }) as unknown as ReturnType<Context["server"]>,
  };
}

describe("an update that finishes a rename and fails all the same", () => {
  const unfinished = { name: "Unfinished", id: "2", properties: { ...stored, initialPassword: "the next one" } };

  it("keeps the password that the account has got when the rename is still not finished", async () => {
    const stillOpen = () => Promise.reject(new PartialFailure(result, new Error("a mailing list is missing")));
    await expect(updateUser(context(stillOpen), "2", stored, declared)).rejects.toMatchObject(unfinished);
  });

  it("keeps the password that was stored when no other was made", async () => {
    const same = { ...result, initialPassword: undefined };
    const stillOpen = () => Promise.reject(new PartialFailure(same, new Error("a mailing list is missing")));
    await expect(updateUser(context(stillOpen), "2", stored, declared)).rejects.toMatchObject({
      ...unfinished,
      properties: stored,
    });
  });

  it("keeps the password that the account has got when writing the changes fails afterwards", async () => {
    const news = { ...declared, fullName: "J. Smith" };
    const done = () => Promise.resolve(result);
    await expect(updateUser(context(done), "2", stored, news)).rejects.toMatchObject(unfinished);
  });
});
