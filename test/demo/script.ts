import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { succeeded } from "../helpers/pulumi-project";
import type { CommandResult } from "../helpers/pulumi-process";
import { removalClaims, renameClaims, same, type Claim } from "./claims";
import { command, engineColour, heading, line, plural, quote, style, tree } from "./output";
import { firstMail, mailDomain } from "./scene";
import type { Stage } from "./stage";
import { observe, type World } from "./world";

const domain = mailDomain.name;
const renamed = { domain, from: "jdoe", to: "jsmith" };
const wrongName = "J. Smiht";
const engine = { flags: ["--color", engineColour] };

/**
 * Plays the whole story on a stage and returns what it claims; `keep` leaves out its end, the removal of the stack. Throws
 * when a step fails.
 */
export async function play(stage: Stage, { keep }: { keep: boolean }): Promise<Claim[]> {
  const begin = await observe(stage.server.control, domain);
  await declareUsers(stage);
  const preview = await changeName(stage);
  const { before, after } = await rename(stage);
  await writeToOldAddress(stage);
  const drift = await repairDrift(stage);
  const end = await observe(stage.server.control, domain);
  const idle = await stage.project.preview({ expectNoChanges: true });
  const claims = [
    ...renameClaims(before, after, renamed),
    same(
      "the preview had announced the rename",
      /\+ renamedFrom *: "jdoe"/.test(stripVTControlCharacters(preview.stdout)),
      true,
    ),
    arrival(end),
    same("no message was returned to its sender", end.bounces, []),
    same(
      "the change made by hand stood in the preview, and is undone",
      [stripVTControlCharacters(drift.stdout).includes(wrongName), fullNameOf(end, renamed.to)],
      [true, "J. Smith"],
    ),
    same("nothing is left to do: a last preview shows no change", idle.code, 0),
    same("the password of the administrator stands nowhere in the state", stateHolds(stage), false),
  ];
  return keep ? claims : [...claims, ...removalClaims(begin, end, await removeStack(stage))];
}

async function declareUsers({ project, server }: Stage): Promise<void> {
  heading("Users and an alias, declared in a program");
  quote(readFileSync(join(project.directory, "index.ts"), "utf8"));
  line();
  command("pulumi up");
  quote(succeeded(await project.up({ flags: [...engine.flags, "--suppress-outputs"] })).text);
  await subscribe(server);
  for (const mail of firstMail) await server.send(mail);
  line();
  line(`${plural(firstMail.length, "mail")} delivered over SMTP. The store:`);
  tree(domain, await server.control.directories(domain));
}

/** A membership that the program knows nothing about: the rename must keep it all the same. */
async function subscribe({ admin }: Stage["server"]): Promise<void> {
  const domainId = await mailDomain.id(admin);
  const { list } = await admin.call<{ list: { id: string }[] }>("MailingLists.get", { query: {}, domainId });
  const userId = await mailDomain.userId(admin, renamed.from);
  await admin.call("MailingLists.addMlUserList", {
    mlId: list[0]?.id,
    members: [{ hasId: true, userId, emailAddress: "", fullName: "", kind: "Member" }],
  });
}

async function changeName({ project }: Stage): Promise<CommandResult> {
  heading("J. Doe is J. Smith now: one name changes in the program");
  const file = join(project.directory, "index.ts");
  const [old, now] = [`name: "${renamed.from}"`, `name: "${renamed.to}"`];
  const text = readFileSync(file, "utf8");
  const changed = text.replace(old, now).replace("J. Doe", "J. Smith");
  if (changed === text) throw new Error(`${file} has no ${old}`);
  writeFileSync(file, changed);
  const lines = text.split("\n");
  changed.split("\n").forEach((each, index) => {
    if (each === lines[index]) return;
    line(style.red(`- ${(lines[index] ?? "").trim()}`));
    line(style.green(`+ ${each.trim()}`));
  });
  line();
  command("pulumi preview --diff");
  const preview = succeeded(await project.preview({ diff: true, ...engine }));
  quote(preview.text);
  return preview;
}

async function rename({ project, server: { control } }: Stage): Promise<{ before: World; after: World }> {
  heading("The rename");
  const before = await observe(control, domain);
  command("pulumi up");
  const result = await project.up({ flags: [...engine.flags, "--suppress-outputs"] });
  quote(succeeded(result).text);
  const after = await observe(control, domain);
  line();
  line("The store before:");
  tree(domain, before.directories);
  line("and after:");
  tree(domain, after.directories);
  const away = after.downtimes.slice(before.downtimes.length);
  const seconds = away.reduce((sum, each) => sum + each.seconds, 0);
  line();
  line(`The mail service was away ${style.bold(`${seconds.toFixed(1)} s`)}, in ${plural(away.length, "stop")}.`);
  return { before, after };
}

async function writeToOldAddress({ server }: Stage): Promise<void> {
  heading("Mail to the old address");
  await server.send({ from: "friend@example.org", to: `${renamed.from}@${domain}`, subject: "Congratulations" });
  const [arrived] = (await server.control.deliveries()).slice(-1);
  line(`A mail to ${renamed.from}@${domain} went into the mailbox of ${String(arrived?.["mailbox"])}.`);
}

async function repairDrift({ project, server: { admin } }: Stage): Promise<CommandResult> {
  heading("Somebody changes the full name by hand on the server");
  const userId = await mailDomain.userId(admin, renamed.to);
  await admin.call("Users.set", { userIds: [userId], pattern: { fullName: wrongName } });
  command("pulumi preview --refresh --diff");
  const preview = succeeded(await project.preview({ refresh: true, diff: true, ...engine }));
  quote(preview.text);
  line();
  command("pulumi up --refresh");
  quote(succeeded(await project.up({ flags: [...engine.flags, "--refresh", "--suppress-outputs"] })).text);
  return preview;
}

async function removeStack({ project, server: { control } }: Stage): Promise<World> {
  heading("The stack goes, the mail stays");
  command("pulumi destroy");
  quote(succeeded(await project.destroy(engine)).text);
  const after = await observe(control, domain);
  line();
  line("The store:");
  tree(domain, after.directories);
  return after;
}

function arrival({ deliveries }: World): Claim {
  const [last] = deliveries.slice(-1);
  return same(
    `mail to ${renamed.from} arrives in the mailbox of ${renamed.to}`,
    [last?.["recipient"], last?.["mailbox"]],
    [`${renamed.from}@${domain}`, `${renamed.to}@${domain}`],
  );
}

function fullNameOf({ truth }: World, login: string): unknown {
  return truth.accounts.find(({ name }) => name === login)?.["fullName"];
}

function stateHolds({ project, server }: Stage): boolean {
  return readFileSync(project.stateFile, "utf8").includes(server.info.admin.password);
}
