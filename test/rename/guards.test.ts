import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { defaultTimeouts } from "../../provider/config-fields";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Simulator } from "../helpers/start-simulator";
import { layoutOf } from "../simulator/host/layout";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "./stage";
import { aroundNextStop } from "./wrap-command";

let simulator: Simulator;
afterEach(() => simulator?.stop());

async function rename(hooks: RunHooks | undefined, change = {}, settings = {}): Promise<unknown> {
  const plugin = provider(settingsOf(simulator, settings), { hooks });
  try {
    return await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"), change));
  } finally {
    await plugin.close();
  }
}

function before(step: string, act: () => Promise<unknown>): RunHooks {
  let done = false;
  return {
    after: () => {},
    before: async (here) => {
      if (here === step && !done) await ((done = true), act());
    },
  };
}

it("never needs a second licence seat for a person: one call takes it and gives it", async () => {
  simulator = await stage({ switches: { "licence-seats": "2" } });
  let seated: string[] = [];
  const look = async (step: string) => {
    if (step !== "swap-at-once") return;
    const { accounts } = await simulator.control.truth();
    seated = accounts.filter((account) => account.enabled).map((account) => account.name);
  };
  await rename({ before: () => {}, after: look });
  expect(seated.sort()).toEqual(["asmith", "jsmith"]);
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.account("jsmith")).toMatchObject({ enabled: true });
});

it("takes nobody's mailbox for a stray", async () => {
  simulator = await stage();
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const arrives = async () => {
    const user = { domainId: list[0]?.id, loginName: "jdoe", isEnabled: true, password: "Harbour.3.Lamp" };
    await simulator.adminCall("Users.create", { users: [user] });
    const { services } = await simulator.control.truth();
    const smtp = services.find((service) => service.name === "SMTP");
    await simulator.adminCall("Services.start", { service: smtp?.id });
    await simulator.deliver({ to: `jdoe@${domain}`, subject: "for the newcomer" });
  };
  await rename(before("release-services", arrives), { keepOldAddress: false });
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jdoe", "jsmith"]);
  expect(after.directories.jdoe?.messages).toBe(1);
  expect(after.directories.jsmith?.messages).toBe(3);
});

const everyStop = ["systemd", "sysv", "launchd"].flatMap((init) =>
  ["accountFirst", "article"].map((renameOrder) => ({ init, renameOrder })),
);

it.each(everyStop)("moves nothing after a stop that was none: $init, $renameOrder", async ({ init, renameOrder }) => {
  simulator = await stage({ switches: { "init-system": init, "config-save": "at-stop" } });
  // The configuration names everybody.
  await simulator.control.command("restart");
  const was = await picture(simulator);
  await simulator.control.fault("stop-timeout", { times: 1 });
  const told = rename(undefined, {}, { renameOrder });
  await expect(told).rejects.toThrow(/did not end by itself but was killed/);
  await expect(told).rejects.toThrow(/No directory was touched|RENAME_ROLLED_BACK/);
  const after = await picture(simulator);
  expect(after.directories).toEqual(was.directories);
  expect(after.names).toEqual(was.names);
  expect(await simulator.control.downtimes()).toHaveLength(2);
});

it.each(["asmith", "jsmith"])("moves nothing after an orderly stop that has left %s out of users.cfg", async (name) => {
  simulator = await stage({ switches: { "init-system": "systemd" } });
  const was = await picture(simulator);
  // It is there again before the server reads the file: nobody but the rename would ever know.
  aroundNextStop(simulator, {
    after: `cp -p users.cfg users.cfg.whole; sed 's/>${name}</>somebody</' users.cfg.whole >users.cfg`,
    start: "mv users.cfg.whole users.cfg",
  });
  const told = rename(undefined);
  await expect(told).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
  await expect(told).rejects.toThrow(
    `users.cfg lacks ${name}@example.com, so the server did not write its configuration`,
  );
  const after = await picture(simulator);
  expect(after.directories).toEqual(was.directories);
  expect(after.names).toEqual(was.names);
  expect(await simulator.control.downtimes()).toHaveLength(1);
});

it("moves nothing as long as a server process is there, whatever the service manager says", async () => {
  simulator = await stage();
  const was = await picture(simulator);
  const program = join(layoutOf(simulator.state).programDir, "mailserver");
  const straggler = spawn(process.execPath, ["-e", "setTimeout(() => {}, 120_000)"], { argv0: program });
  try {
    const told = rename(undefined, {}, { timeouts: { ...defaultTimeouts, request: 20, stop: 5, supervisor: 12 } });
    await expect(told).rejects.toMatchObject({ code: "RENAME_ROLLED_BACK" });
    await expect(told).rejects.toThrow(`a server process is still running after the stop`);
    await expect(told).rejects.toThrow(`${straggler.pid}`);
  } finally {
    straggler.kill();
  }
  const after = await picture(simulator);
  expect(after.directories).toEqual(was.directories);
  expect(after.names).toEqual(was.names);
});

it("moves no directory that has taken the mailbox's place since", async () => {
  simulator = await stage();
  const path = `${simulator.info.store}/mail/${domain}`;
  const swap = () => {
    renameSync(`${path}/jdoe`, `${path}/kept`);
    mkdirSync(`${path}/jdoe`);
    return Promise.resolve();
  };
  await expect(rename(before("move-mailboxes", swap))).rejects.toThrow(/rename/i);
  expect(readdirSync(path)).toContain("kept");
  expect(await simulator.control.messages(domain, "kept")).toHaveLength(3);
});
