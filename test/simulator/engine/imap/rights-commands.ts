import { allRights, readRights, writeRights } from "../rights-file.js";
import { findLogin } from "../sessions.js";
import { existingFolder, folderName, mailboxOf, type Call, type Command } from "./command.js";
import { Refusal } from "./refusal.js";
import { stringOf, text } from "./values.js";

/** Commands of the extension ACL about the rights to the own folders, which `status.fld` keeps by name. */
export const rightsCommands: Record<string, Command> = {
  GETACL: {
    state: "authenticated",
    run: (call) => {
      const lines = readRights(folderOf(call)).flatMap(({ who, rights }) => [text(who), text(rights)]);
      return call.connection.untagged("ACL", [text(nameOf(call)), ...lines]);
    },
  },
  // Whose a folder is decides, not the line that may still have a name of before.
  MYRIGHTS: {
    state: "authenticated",
    run: (call) => (folderOf(call), call.connection.untagged("MYRIGHTS", [text(nameOf(call)), text(allRights)])),
  },
  LISTRIGHTS: {
    state: "authenticated",
    run: (call) => {
      const letters = [...allRights].map((letter) => text(letter));
      folderOf(call);
      return call.connection.untagged("LISTRIGHTS", [text(nameOf(call)), text(whoOf(call)), text(""), ...letters]);
    },
  },
  SETACL: { state: "authenticated", run: setRights },
  DELETEACL: { state: "authenticated", run: (call) => writeRights(folderOf(call), whoOf(call), "") },
};

function setRights(call: Call): void {
  const [folder, who] = [folderOf(call), whoOf(call)];
  const [, sign, letters] = /^([+-]?)([a-z]*)$/.exec(stringOf(call.attributes[2])) ?? [];
  if (letters === undefined || ![...letters].every((letter) => allRights.includes(letter))) {
    throw new Refusal("BAD", "not the letters of rights");
  }
  const given = new Set(letters);
  const before = new Set(readRights(folder).find((line) => line.who.toLowerCase() === who.toLowerCase())?.rights);
  const stays = (letter: string) => {
    if (sign === "") return given.has(letter);
    return sign === "+" ? given.has(letter) || before.has(letter) : before.has(letter) && !given.has(letter);
  };
  writeRights(folder, who, [...allRights].filter(stays).join(""));
}

const nameOf = (call: Call) => folderName(stringOf(call.attributes[0]));

const folderOf = (call: Call) => existingFolder(mailboxOf(call), nameOf(call), "NONEXISTENT");

/** Who is meant: an account by its address, or everybody. */
function whoOf({ connection, attributes }: Call): string {
  const { engine } = connection;
  const asked = stringOf(attributes[1]);
  const own = engine.domain(connection.user()?.domainId ?? "")?.name ?? "";
  const user = findLogin(engine, asked.includes("@") ? asked : `${asked}@${own}`);
  if (!user && asked !== "anyone") throw new Refusal("NO", `there is no ${JSON.stringify(asked)}`);
  return user ? engine.addressOf(user) : asked;
}
