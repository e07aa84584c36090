import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CommandResult } from "../helpers/pulumi-process";
import { createProject, succeeded, type PulumiProject, type UpOptions } from "../helpers/pulumi-project";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { pathsBelow, Planted, watchProcesses } from "./planted";

const secretMark = "4dabf18193072939515e22adb298388d";
const passphrase = "Planted passphrase 5Qz";
const plain = "Planted.Plain.7pW";
const configured = "Planted.Configured.3vK";
const changed = "Planted.Changed.8dR";
const failing = "Planted.Failing.9tB";
const wrong = "Planted.Wrong.2mX";
const marked = "Planted.Marked.6wQ";
const ofWest = { password: "Planted.West.4jN", passphrase: "Planted passphrase of west 8Lr" };

let simulator: Simulator;
let project: PulumiProject;
let planted: Planted;
let results: CommandResult[];
let commandFiles: string;
let watch: { stop(): number };

interface People {
  edoe: string;
  jdoe: string;
  asmith: string;
  bdoe: string;
  password: string;
}

/** A plain password, one out of the configuration, one that the server makes; `more` stands at the end. */
function program({ edoe, jdoe, asmith, bdoe, password }: People, more = ""): string {
  return `
    const pulumi = require("@pulumi/pulumi");
    const { Alias, User } = require("pulumi-kerio");
    const domain = "example.com";
    const config = new pulumi.Config("people");
    const jdoe = new User("jdoe", { domain, name: "${jdoe}", password: "${password}" });
    new User("asmith", { domain, name: "${asmith}", password: config.requireSecret("asmith") });
    const bdoe = new User("bdoe", { domain, name: "${bdoe}", fullName: "B. Doe" });
    new Alias("info", { domain, name: "info", deliverTo: jdoe.address });
    new User("edoe", { domain, name: "edoe", server: "west", fullName: "${edoe}", password: "${password}" });
    exports.bdoe = bdoe.initialPassword;
    ${more}`;
}

const before: People = { edoe: "E. Doe", jdoe: "jdoe", asmith: "asmith", bdoe: "bdoe", password: plain };
const after: People = { edoe: "E. Cooper", jdoe: "jsmith", asmith: "acooper", bdoe: "bcooper", password: changed };

/** One key, whose owner alone has the passphrases: each text of it is encrypted with another one. */
function encryptedKey(...passphrases: string[]): { texts: string[]; public: string } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const texts = passphrases.map((one) =>
    privateKey.export({ type: "sec1", format: "pem", cipher: "aes-256-cbc", passphrase: one }).toString(),
  );
  const read = utils.parseKey(texts[0] ?? "", passphrases[0]);
  if (read instanceof Error) throw read;
  return { texts, public: `${read.type} ${read.getPublicSSH().toString("base64")} login\n` };
}

/** A line of the key itself, behind those that say how it is encrypted. */
function keyLine(text: string): string {
  return text.split("\n\n")[1]?.split("\n")[0] ?? "";
}

/** Another administrator, as whom a server of `kerio:servers` signs in. */
async function addAdministrator(loginName: string, password: string): Promise<string> {
  const found = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const role = { userRole: "FullAdmin", publicFolderRight: false, archiveFolderRight: false };
  const user = { domainId: found.list[0]?.id, loginName, isEnabled: true, password, role };
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Users.create", { users: [user] });
  expect(errors).toEqual([]);
  return `${loginName}@example.com`;
}

beforeAll(async () => {
  const state = mkdtempSync(join(tmpdir(), "stand-in-"));
  const key = encryptedKey(passphrase, ofWest.passphrase);
  const [ownKey = "", keyOfWest = ""] = key.texts;
  writeFileSync(join(state, "login_key"), ownKey, { mode: 0o600 });
  writeFileSync(join(state, "login_key.pub"), key.public);
  simulator = await startSimulator({ state });
  const { adminUrl, admin, caFile, ssh } = simulator.info;
  commandFiles = mkdtempSync(join(tmpdir(), "security-test-"));
  mkdirSync(join(commandFiles, "tmp"));
  planted = new Planted({
    "the administrator's password": admin.password,
    "the SSH key": keyLine(ownKey),
    "the passphrase": passphrase,
    "the password of a named server": ofWest.password,
    "the SSH key of a named server": keyLine(keyOfWest),
    "the passphrase of a named server": ofWest.passphrase,
    "a plain password": plain,
    "a configured password": configured,
    "a changed password": changed,
    "the password of a failed check": failing,
    "a wrong login's password": wrong,
    "an input that the program marks as secret": marked,
  });
  const host = { sshPort: ssh.port, sshHostKey: ssh.hostKey };
  const username = await addAdministrator("wadmin", ofWest.password);
  project = await createProject({
    program: program(before),
    config: {
      "kerio:url": adminUrl,
      "kerio:username": admin.user,
      "kerio:caFile": caFile,
      "kerio:sshPort": ssh.port,
      "kerio:sshHostKey": ssh.hostKey,
      "kerio:timeouts": { supervisor: 20 },
      "kerio:servers": { west: { url: adminUrl, username, caFile, ...host } },
    },
    secrets: {
      "kerio:password": admin.password,
      "kerio:sshPrivateKey": ownKey,
      "kerio:sshPassphrase": passphrase,
      "kerio:servers.west.password": ofWest.password,
      "kerio:servers.west.sshPrivateKey": keyOfWest,
      "kerio:servers.west.sshPassphrase": ofWest.passphrase,
      "people:asmith": configured,
    },
    env: { TMPDIR: join(commandFiles, "tmp") },
  });
  results = [];
  watch = watchProcesses(planted, lookAtHost);
});

afterAll(async () => {
  watch?.stop();
  await project?.dispose();
  await simulator?.stop();
  for (const directory of [simulator?.state, commandFiles]) {
    if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});

/** Whether a file of the host is the server's own, or the stand-in's: the configuration, and the test's own truth. */
function isServers(path: string): boolean {
  const rest = path.slice(simulator.state.length + 1);
  return (
    /^(truth|bin|tools|etc)\b/.test(rest) ||
    /^(login_key|host_key|host\.json|environment\.json)/.test(rest) ||
    /^opt\/kerio\/mailserver\/(mailserver|users)\.cfg/.test(rest) ||
    isCopy(path)
  );
}

function isCopy(path: string): boolean {
  return /\/\.pulumi-kerio\/copies\/.*\.cfg$/.test(path);
}

/** What is ours on the host, and all mailboxes. The copies of the configuration are looked at for their modes. */
function lookAtHost(): void {
  planted.lookBelow(simulator.state, isServers);
}

async function keep(result: Promise<CommandResult>): Promise<CommandResult> {
  const ended = await result;
  results.push(ended);
  return ended;
}

/** A successful update and the preview right after it, which is empty; what both print is looked at in the end. */
async function up(options: UpOptions = {}): Promise<void> {
  const noPreviewAfter = "it follows here, because what it prints is looked at as well";
  succeeded(await keep(project.up({ ...options, noPreviewAfter })));
  succeeded(await keep(project.preview({ expectNoChanges: true, diff: true })));
}

/** The password that the server made for bdoe, and that no place but the state may know. */
async function plantInitialPassword(name: string): Promise<void> {
  const { bdoe } = await project.stackOutput();
  expect(bdoe).toMatch(/^\S{8,}$/);
  planted.plant(name, String(bdoe));
}

describe("secrets", () => {
  it("are nowhere in clear, whatever a stack goes through", { timeout: 15 * 60_000 }, async () => {
    await up({ withPreview: true });
    await plantInitialPassword("the first password of bdoe");
    await simulator.deliver({ to: "jdoe@example.com", subject: "before the rename" });

    await project.writeProgram(program(after));
    await project.setSecret("people:asmith", changed);
    succeeded(await keep(project.preview({ diff: true })));
    await up();
    const { accounts } = await simulator.control.truth();
    expect(accounts.map(({ name }) => name).sort()).toEqual(["acooper", "bcooper", "edoe", "jsmith", "wadmin"]);
    expect((await simulator.control.login("jsmith", changed)).ok).toBe(true);
    await plantInitialPassword("the password of bdoe after the rename");

    const bcooper = accounts.find(({ name }) => name === "bcooper")?.id;
    await simulator.adminCall("Users.set", { userIds: [bcooper], pattern: { fullName: "By hand" } });
    succeeded(await keep(project.preview({ refresh: true, diff: true })));
    succeeded(await keep(project.refresh()));
    succeeded(await keep(project.pulumi(["stack", "--show-ids"])));
    succeeded(await keep(project.pulumi(["stack", "output", "--json"])));
    succeeded(await keep(project.pulumi(["stack", "export"])));

    const state = await project.exportState();
    const user = state.deployment.resources?.find(({ urn }) => urn.endsWith("::jdoe"));
    for (const side of [user?.inputs, user?.outputs]) expect(side?.["password"]).toHaveProperty(secretMark);
    const made = state.deployment.resources?.find(({ urn }) => urn.endsWith("::bdoe"));
    expect(made?.outputs?.["initialPassword"]).toHaveProperty(secretMark);

    const domain = "example.com";
    for (const password of [{ secret: failing }, [failing]]) {
      const more = `new User("cdoe", ${JSON.stringify({ domain, name: "cdoe", password })});`;
      await project.writeProgram(program(after, more));
      const refused = await keep(project.up());
      expect(refused.code).not.toBe(0);
      expect(refused.text).toContain("password: must");
    }
    const bad = JSON.stringify({ domain, name: "Bad Name", password: failing });
    const secret = `pulumi.secret("${marked}")`;
    const contact = `{ workPhone: 7, firstname: "C.", comment: ${secret} }`;
    const more = `{ ...${bad}, diskQuota: ${secret}, emailAddresses: [pulumi.secret("${marked}/x")], contact: ${contact} }`;
    await project.writeProgram(program(after, `new User("cdoe", ${more});`));
    const { text } = await keep(project.preview({ diff: true }));
    for (const path of ["name", "diskQuota", "emailAddresses[0]", "contact.workPhone", "contact.firstname"])
      expect(text).toContain(`${path}: `);

    await project.writeProgram(program({ ...after, bdoe: "bdoe", password: plain }));
    await project.setSecret("kerio:password", wrong);
    const calls = (await simulator.control.calls()).length;
    const locked = await keep(project.up());
    expect(locked.code).not.toBe(0);
    expect(locked.text).toContain("pulumi config set --secret kerio:password");
    const logins = (await simulator.control.calls()).slice(calls).map(({ method }) => method);
    expect(logins).toEqual(["Session.login"]);
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts", {});
    await project.setSecret("kerio:password", simulator.info.admin.password);
    // `destroy` takes the login from the state, where the wrong one stands until an `up` has brought the right one.
    await project.writeProgram(program(after));
    await up();

    expect(copies().length).toBeGreaterThan(0);
    for (const path of copies()) {
      expect(`${path} ${(statSync(path).mode & 0o777).toString(8)}`).toBe(`${path} 600`);
      expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe("700");
    }
    for (const path of ours()) {
      expect(`${path} ${(statSync(path).mode & 0o077).toString(8)}`).toBe(`${path} 0`);
    }
    succeeded(await keep(project.destroy()));

    expect(watch.stop()).toBeGreaterThan(20);
    lookAtHost();
    for (const { text, stdout, stderr } of results) planted.look("an output", `${text}\n${stdout}\n${stderr}`);
    const top = dirname(project.directory);
    const source = join(project.directory, "index.js");
    expect(planted.lookBelow(top, (path) => path === source)).toBeGreaterThan(10);
    planted.lookBelow(commandFiles);
    expect(planted.found).toEqual([]);
    planted.look("the program, which holds it indeed", readFileSync(source, "utf8"));
    expect(planted.found).toEqual(["a changed password in the program, which holds it indeed"]);
  });
});

function ours(): string[] {
  return pathsBelow(join(simulator.state, "home")).filter((path) => path.includes(".pulumi-kerio"));
}

function copies(): string[] {
  return ours().filter(isCopy);
}
