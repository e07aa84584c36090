import { z } from "zod";
import { readCsv, writeCsv } from "../csv.js";
import type { Engine } from "../engine.js";
import type { MailingList, User } from "../state.js";
import { method, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";

const columns = ["Email", "FullName", "Kind"] as const;

/** The methods of MailingLists that bring members in and out as files. */
export const mailingListsCsv: Interface = {
  exportMlUsersToCsv: method(
    z.object({ kind: z.enum(["Member", "Moderator"]), mlId: id }),
    ({ kind, mlId }, { engine }) => {
      const list = existing(engine, mlId);
      const rows = list.members
        .filter((member) => member.kind === kind)
        .map((member) => {
          const user = member.hasId ? engine.user(member.userId) : undefined;
          return [user ? engine.addressOf(user) : member.emailAddress, user?.fullName ?? member.fullName, member.kind];
        });
      return { fileDownload: engine.downloads.add(`${list.name}.csv`, writeCsv(columns, rows)) };
    },
  ),

  getMlUserListFromCsv: method(
    z.object({ fileId: z.string(), mlToImport: id }),
    ({ fileId, mlToImport }, { engine }) => {
      existing(engine, mlToImport);
      const file = engine.uploads.get(fileId);
      if (!file) throw RpcError.missing(fileId);
      const table = readCsv(file.toString("utf8"));
      if (!table) throw RpcError.failed("File %1 is not a list of members.", fileId);
      const users = new Map(engine.state.users.map((user) => [engine.addressOf(user).toLowerCase(), user]));
      return { members: table.rows.flatMap((row) => memberOf(users, row)) };
    },
  ),
};

/** A local account is held by id, anybody else by address; a line without an address is nobody. */
function memberOf(users: ReadonlyMap<string, User>, row: Record<string, string>): object[] {
  const emailAddress = (row["Email"] ?? row["MailAddress"] ?? Object.values(row)[0] ?? "").toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(emailAddress)) return [];
  const user = users.get(emailAddress);
  return [
    {
      hasId: user !== undefined,
      userId: user?.id ?? "",
      emailAddress: user ? "" : emailAddress,
      fullName: user?.fullName ?? row["FullName"] ?? "",
      kind: row["Kind"] === "Moderator" ? "Moderator" : "Member",
    },
  ];
}

function existing(engine: Engine, mlId: string): MailingList {
  const list = engine.state.lists.find((each) => each.id === mlId);
  if (!list) throw RpcError.missing(mlId);
  return list;
}
