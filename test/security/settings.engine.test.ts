import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accountByHand } from "../engine/truth";
import { createProject, succeeded, type PulumiProject } from "../helpers/pulumi-project";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { newSshKey } from "../simulator/host/certificates";
import { callsSince, pictureOf, type Picture } from "./untouched";

const domain = "example.com";
const people = `
  const { Alias, User } = require("pulumi-kerio");
  const domain = "example.com";
  const jdoe = new User("jdoe", { domain, name: "jdoe", password: "Orchard.7.Gate" });
  new User("asmith", { domain, name: "asmith", password: "Meadow.9.Stone" });
  new Alias("info", { domain, name: "info", deliverTo: jdoe.address });
  new Alias("office", { domain, name: "office", deliverTo: "jdoe" });`;

let simulator: Simulator;
let project: PulumiProject | undefined;
let before: Picture;
let calls: number;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  await project?.dispose();
  project = undefined;
});

afterAll(() => simulator?.stop());

interface Stack {
  program?: string;
  config?: Record<string, unknown>;
  secrets?: Record<string, string>;
}

/** A stack with the API's settings alone, as `change` has them; an empty text takes a setting away. */
async function stack(change: Stack = {}): Promise<PulumiProject> {
  const { adminUrl, admin, caFile } = simulator.info;
  const config = { "kerio:url": adminUrl, "kerio:username": admin.user, "kerio:caFile": caFile, ...change.config };
  const secrets = { "kerio:password": admin.password, ...change.secrets };
  const isSet = ([, value]: [string, unknown]): boolean => value !== "";
  project = await createProject({
    program: change.program ?? people,
    config: Object.fromEntries(Object.entries(config).filter(isSet)),
    secrets: Object.fromEntries(Object.entries(secrets).filter(isSet)),
  });
  await lookFromHere();
  return project;
}

async function lookFromHere(): Promise<void> {
  before = await pictureOf(simulator, domain);
  calls = (await simulator.control.calls()).length;
}

/** What a refused run printed; it has changed nothing. */
async function refusal(
  command: "up" | "preview" | "refresh" | "destroy" = "up",
): Promise<{ text: string; calls: string[] }> {
  const { code, text } = (await project?.[command]()) ?? { code: 0, text: "" };
  expect(code, text).not.toBe(0);
  const made = await callsSince(simulator, calls);
  expect(made.writing).toEqual([]);
  expect(await pictureOf(simulator, domain)).toEqual(before);
  return { text, calls: made.all };
}

describe("secrets that are none", () => {
  it("at the top are refused with the command, before any call", async () => {
    const { password } = simulator.info.admin;
    const stacked = await stack({ config: { "kerio:password": password }, secrets: { "kerio:password": "" } });
    const alone = await refusal("preview");
    // Pulumi prints errors otherwise once the program's own text has run.
    await stacked.writeProgram(`setTimeout(() => { ${people} }, 200);`);
    for (const { text, calls } of [alone, await refusal("preview")]) {
      expect(text).toContain("kerio:password in clear text");
      expect(text).toContain("`pulumi config set --secret kerio:password`. [CONFIG_NOT_SECRET]");
      expect(text).not.toMatch(/unhandled exception|^\s+at /m);
      expect(text).not.toContain(password);
      expect(calls).toEqual([]);
    }
  });

  it("are refused inside kerio:servers, beside a secret one too", async () => {
    const { adminUrl, admin, caFile } = simulator.info;
    const { password, ...rest } = { url: adminUrl, username: admin.user, caFile, password: "Planted.Clear.4c" };
    const program = `
      const { User } = require("pulumi-kerio");
      new User("jdoe", { domain: "example.com", name: "jdoe", server: "east", password: "Orchard.7.Gate" });`;
    const servers = { west: { ...rest, password }, east: rest };
    const stacked = await stack({
      program,
      config: { "kerio:url": "", "kerio:username": "", "kerio:caFile": "", "kerio:servers": servers },
      secrets: { "kerio:password": "" },
    });
    const alone = await refusal("preview");
    await stacked.setSecret("kerio:servers.east.password", admin.password);
    const beside = await refusal("preview");
    for (const { text, calls } of [alone, beside]) {
      expect(text).toContain("kerio:servers.west.password in clear text");
      expect(text).toContain("pulumi config set --path --secret 'kerio:servers.west.password'");
      expect(text).not.toContain(password);
      expect(calls).toEqual([]);
    }
    await stacked.setSecret("kerio:servers.west.password", password);
    succeeded(await stacked.preview());
  });
});

describe("a setting that nothing reads", () => {
  it("is refused with the one that is meant, before any call", async () => {
    const stacked = await stack({ config: { "kerio:Backup": "full", "kerio:timeout": 60 } });
    const { text, calls } = await refusal("preview");
    expect(text).toContain("there is no setting kerio:Backup; kerio:backup is one");
    expect(text).toContain("pulumi config rm kerio:Backup; pulumi config rm kerio:timeout");
    expect(calls).toEqual([]);
    for (const name of ["kerio:Backup", "kerio:timeout"]) succeeded(await stacked.pulumi(["config", "rm", name]));
    succeeded(await stacked.preview());
  });
});

describe("a run that cannot work", () => {
  it("asks once for a login that is refused, whatever the number of resources", async () => {
    await stack({ secrets: { "kerio:password": "Planted.Wrong.1" } });
    const { text, calls } = await refusal();
    expect(text).toContain("pulumi config set --secret kerio:password");
    expect(text).not.toContain("Planted.Wrong.1");
    expect(calls).toEqual(["Session.login"]);
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts", {});
  });

  const cases: [string, Record<string, unknown>, string[]][] = [
    [
      "http",
      { "kerio:url": "http://mail.example.com" },
      ["kerio:url begins with http", "pulumi config set kerio:url https"],
    ],
    ["a closed port", { "kerio:url": "https://127.0.0.1:1" }, ["no connection to https://127.0.0.1:1", "kerio:url"]],
    [
      "an untrusted certificate",
      { "kerio:caFile": "" },
      ["authority is not trusted", "pulumi config set kerio:caFile"],
    ],
  ];

  it.each(cases)("says why: %s", async (_name, config, parts) => {
    await stack({ config });
    const { text, calls } = await refusal("preview");
    for (const part of parts) expect(text).toContain(part);
    expect(text).not.toMatch(/^\s+at /m);
    expect(calls).toEqual([]);
  });

  it("reports all that is wrong with a resource at once, and no secret", async () => {
    const inputs = { domain, name: "../JDoe", password: ["Planted.Check.1"], enabled: "yes", colour: "red" };
    await stack({ program: `new (require("pulumi-kerio").User)("jdoe", ${JSON.stringify(inputs)});` });
    const { text } = await refusal("preview");
    for (const path of ["name: ", "password: must be a text", "enabled: ", "colour: there is no such input"]) {
      expect(text).toContain(path);
    }
    expect(text).not.toContain("Planted.Check.1");
  });
});

describe("a changed name", () => {
  it("is refused in preview without a host key, and in the update with a wrong one", async () => {
    const stacked = await stack();
    succeeded(await stacked.up());
    await simulator.deliver({ to: "jdoe@example.com", subject: "before the rename" });
    await lookFromHere();
    await stacked.writeProgram(people.replace('name: "jdoe"', 'name: "jsmith"'));
    const without = await refusal("preview");
    expect(without.text).toContain("kerio:sshHostKey");
    expect(without.text).toContain("kerio:sshPrivateKeyFile");

    const { ssh } = simulator.info;
    await stacked.setConfig("kerio:sshPort", String(ssh.port));
    const unknown = await refusal("preview");
    expect(unknown.text).toContain(`pulumi config set kerio:sshHostKey "${ssh.hostKey}"`);
    expect(unknown.text).toContain("kerio:sshPrivateKeyFile");
    await stacked.setConfig("kerio:sshPrivateKeyFile", ssh.privateKeyFile);
    await stacked.setConfig("kerio:sshHostKey", newSshKey("elsewhere").public);
    const wrong = await refusal();
    expect(wrong.text).toContain(ssh.hostKey);
    expect(wrong.text).toContain("pulumi config set kerio:sshHostKey");

    await stacked.setConfig("kerio:sshHostKey", ssh.hostKey);
    succeeded(await stacked.up());
    expect((await simulator.control.truth()).accounts.map(({ name }) => name).sort()).toEqual(["asmith", "jsmith"]);
  });
});

describe("a password of the state that the server takes no more", () => {
  const [former, present] = ["Planted.Former.1", "Planted.Present.2"];
  const program = `
    const { Alias, User } = require("pulumi-kerio");
    const domain = "example.com";
    for (const name of ["bdoe", "csmith"]) new User(name, { domain, name });
    new Alias("desk", { domain, name: "desk", deliverTo: "bdoe" });`;

  it("is told by refresh and destroy with the cure, after one login, and works again with the new one", async () => {
    const userId = await accountByHand(simulator, "postmaster", {
      isEnabled: true,
      password: former,
      role: { userRole: "FullAdmin", publicFolderRight: false, archiveFolderRight: false },
    });
    const login = { config: { "kerio:username": "postmaster" }, secrets: { "kerio:password": former } };
    const stacked = await stack({ program, ...login });
    succeeded(await stacked.up());
    await simulator.adminCall("Users.set", { userIds: [userId], pattern: { password: present } });
    await stacked.setSecret("kerio:password", present);
    for (const command of ["refresh", "destroy"] as const) {
      await lookFromHere();
      const { text, calls } = await refusal(command);
      expect(text).toContain("[AUTH_REFUSED]");
      expect(text.replace(/\s+/g, " ")).toContain("run `pulumi up` first, or `pulumi refresh --run-program`");
      expect(text).not.toMatch(/Planted/);
      expect(calls).toEqual(["Session.login"]);
    }
    succeeded(await stacked.refresh({ flags: ["--run-program"] }));
    succeeded(await stacked.up());
    succeeded(await stacked.destroy());
    const { accounts, aliases } = await simulator.control.truth();
    expect([...accounts, ...aliases].map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(bdoe|csmith|desk)$/)]),
    );
  });
});
