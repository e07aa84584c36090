import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applied, PartialFailure, type Props } from "../helpers/dynamic-server";
import { photoIn, photos } from "../helpers/photos";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain, nextRun } = stage;
/** The directory in which the plugin runs. */
const program = resolve(__dirname, "../..");
let files: string;

beforeAll(() => {
  files = mkdtempSync(join(tmpdir(), "photos-"));
});
afterAll(() => rmSync(files, { recursive: true, force: true }));

const person = (name: string, contact: Props): Props => ({ domain, name, logicalName: name, contact });

async function account(name: string) {
  const found = await stage.account(name);
  if (!found) throw new Error(`no account ${name}`);
  return found;
}

/** A file of that content; its path as a program would write it. */
function file(name: string, content: Uint8Array): string {
  writeFileSync(join(files, name), content);
  return relative(program, join(files, name));
}

describe("the photo of a contact", () => {
  it("is uploaded, read back without a difference, and uploaded anew when the file's content changes", async () => {
    const declared = person("photo", { firstName: "P.", photo: file("p.png", photos.png) });
    const made = await applied(stage.plugin, "user", undefined, declared);
    expect(photoIn(await account("photo"))).toEqual(photos.png);
    expect(made.outs).toMatchObject({
      photoHash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      managed: ["contact"],
    });

    await nextRun();
    const { props, inputs } = await stage.plugin.read("user", made.id, made.outs);
    expect([props, inputs]).toEqual([made.outs, made.inputs]);
    const again = await stage.plugin.check("user", inputs, declared);
    expect(await stage.plugin.diff("user", made.id, props, again.inputs)).toEqual({ changes: false, replaces: [] });

    file("p.png", photos.otherPng);
    const changed = await stage.plugin.check("user", inputs, declared);
    expect(await stage.plugin.diff("user", made.id, props, changed.inputs)).toEqual({ changes: true, replaces: [] });
    const outs = await stage.plugin.update("user", made.id, props, changed.inputs);
    expect(photoIn(await account("photo"))).toEqual(photos.otherPng);
    expect((await account("photo"))["contact"]).toMatchObject({ firstName: "P." });

    // Other fields change without it, and it stays.
    const calls = (await stage.simulator.control.calls()).filter((call) => call.method === "upload").length;
    const later = { ...declared, contact: { ...(declared["contact"] as Props), firstName: "Q." } };
    await applied(stage.plugin, "user", { id: made.id, inputs: changed.inputs, outs }, later);
    expect((await account("photo"))["contact"]).toMatchObject({ firstName: "Q." });
    expect(photoIn(await account("photo"))).toEqual(photos.otherPng);
    expect((await stage.simulator.control.calls()).filter((call) => call.method === "upload").length).toBe(calls);
  });

  it("comes back when it was removed by hand, and goes with none", async () => {
    const declared = person("byhand", { photo: file("h.jpg", photos.jpeg) });
    const made = await applied(stage.plugin, "user", undefined, declared);
    await stage.simulator.adminCall("Users.setPersonalContact", {
      userIds: [made.id],
      contact: { photo: { id: "", url: "" } },
    });
    await nextRun();
    const seen = await stage.plugin.read("user", made.id, made.outs);
    expect(seen.inputs["contact"]).toEqual({ photo: "none" });
    const back = await applied(stage.plugin, "user", { id: made.id, inputs: seen.inputs, outs: seen.props }, declared);
    expect(photoIn(await account("byhand"))).toEqual(photos.jpeg);

    const without = await applied(stage.plugin, "user", back, person("byhand", { photo: "none" }));
    expect(photoIn(await account("byhand"))).toBeUndefined();
    await nextRun();
    expect((await stage.plugin.read("user", made.id, without.outs)).props).toEqual(without.outs);
  });

  it("is not lost when the upload fails: the account is made, and the next update brings the photo", async () => {
    const declared = person("later", { firstName: "L.", photo: file("l.png", photos.png) });
    await stage.simulator.control.fault("refuse", { method: "upload", times: 1 });
    const { inputs } = await stage.plugin.check("user", {}, declared);
    const failure = await stage.plugin.create("user", inputs).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { id, properties } = failure as PartialFailure;
    expect(await account("later")).toMatchObject({ id, contact: { firstName: "L." } });
    await nextRun();
    const next = await stage.plugin.check("user", inputs, declared);
    expect(await stage.plugin.diff("user", id, properties, next.inputs)).toEqual({ changes: true, replaces: [] });
    const outs = await stage.plugin.update("user", id, properties, next.inputs);
    expect(photoIn(await account("later"))).toEqual(photos.png);
    expect(await stage.plugin.diff("user", id, outs, next.inputs)).toEqual({ changes: false, replaces: [] });
  });

  it("is refused before anything is asked of the server", async () => {
    const calls = (await stage.simulator.control.calls()).length;
    mkdirSync(join(files, "folder.png"));
    const wrong: [string, RegExp][] = [
      [join(files, "nowhere.png"), /nowhere\.png, which does not exist/],
      [join(files, "folder.png"), /which is no file/],
      [file("text.png", Buffer.from("<svg/>")), /neither a JPEG nor a PNG/],
      [file("empty.png", Buffer.alloc(0)), /neither a JPEG nor a PNG/],
      [file("large.png", Buffer.concat([photos.png, Buffer.alloc(1024 * 1024)])), /1 MB/],
    ];
    for (const [path, reason] of wrong) {
      const { failures } = await stage.plugin.check("user", {}, person("wrong", { photo: path }));
      expect(failures).toEqual([expect.stringMatching(reason)]);
      expect(failures[0]).toContain("contact.photo: ");
    }
    expect((await stage.simulator.control.calls()).length).toBe(calls);
  });
});

describe.each(["objects", "texts", "texts-or-nothing"])(
  "mail addresses of a contact on a server that takes %s",
  (form) => {
    it("are written, read back without a difference, and changed", async () => {
      await stage.simulator.control.setSwitch("contact-addresses", form);
      const name = `has.${form}`;
      const stored = async () => {
        const { emailAddresses } = (await account(name))["contact"] as { emailAddresses: unknown };
        return emailAddresses;
      };
      const entry = (address: string) => (form === "objects" ? { address } : address);
      const declared = person(name, { firstName: "H.", emailAddresses: ["a@example.org", "B@example.org"] });
      const made = await applied(stage.plugin, "user", undefined, declared);
      expect(await stored()).toEqual([entry("a@example.org"), entry("B@example.org")]);
      await nextRun();
      expect((await stage.plugin.read("user", made.id, made.outs)).props).toEqual(made.outs);
      const changed = await applied(stage.plugin, "user", made, person(name, { emailAddresses: ["c@example.org"] }));
      expect(await stored()).toEqual([entry("c@example.org")]);
      const none = await applied(stage.plugin, "user", changed, person(name, { emailAddresses: [] }));
      expect(await stored()).toEqual([]);
      expect((await stage.plugin.read("user", made.id, none.outs)).props).toEqual(none.outs);
    });
  },
);
