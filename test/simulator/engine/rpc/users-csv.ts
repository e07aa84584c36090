import { z } from "zod";
import { readCsv, writeCsv } from "../csv.js";
import { newUser } from "../defaults.js";
import type { Engine } from "../engine.js";
import { search, searchQuery } from "../search-query.js";
import { bytesOf } from "../units.js";
import { checkLoginName } from "./account-rules.js";
import { method, partly, type Call, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";
import { userRow, userRows } from "./user-row.js";
import { chosenUsers } from "./users.js";

/** The columns of an import, in the documented order. */
const columns = ["Name", "Password", "FullName", "MailAddress", "Groups", "Description"] as const;

/** The methods of Users that bring accounts in and out as files. */
export const usersCsv: Interface = {
  parseFromCsv: method(z.object({ fileId: z.string(), domainToImport: id }), ({ fileId, domainToImport }, call) => {
    const { engine } = call;
    if (!engine.domain(domainToImport)) throw RpcError.missing(domainToImport);
    const file = engine.uploads.get(fileId);
    if (!file) throw RpcError.missing(fileId);
    const table = readCsv(file.toString("utf8"));
    if (!table || !table.rows.every((row) => "Name" in row))
      throw RpcError.failed("File %1 is not a list of users.", fileId);
    const names = new Set<string>();
    return { users: table.rows.map((row) => importeeOf(call, domainToImport, row, table.listSeparator, names)) };
  }),

  exportToCsv: method(
    z.object({ filename: z.string(), query: searchQuery, domainId: id }),
    ({ filename, query, domainId }, call) => {
      if (!call.engine.domain(domainId)) throw RpcError.missing(domainId);
      const wanted = { ...query, fields: ["loginName", "fullName", "description", "emailAddresses", "userGroups"] };
      const { list } = search(userRows(call, domainId, wanted), wanted, { switches: call.engine.switches });
      const rows = list.map((row) => [
        row.loginName ?? "",
        "",
        row.fullName ?? "",
        (row.emailAddresses ?? []).join(","),
        (row.userGroups ?? []).map((group) => group.name).join(","),
        row.description ?? "",
      ]);
      return { fileDownload: call.engine.downloads.add(filename || "users.csv", writeCsv(columns, rows)) };
    },
  ),

  exportStatistics: partly(
    "name, items, bytes and last login; the real one's columns are not known",
    method(
      z.object({ userIds: z.array(id), format: z.enum(["TypeXml", "TypeCsv"]) }),
      ({ userIds, format }, { engine }) => {
        const rows = statisticsOf(engine, userIds);
        const names = ["Name", "Items", "Bytes", "LastLogin"];
        if (format === "TypeCsv")
          return { fileDownload: engine.downloads.add("statistics.csv", writeCsv(names, rows)) };
        const cells = (row: (string | number)[]) => row.map((cell, at) => ` ${names[at]}="${escaped(String(cell))}"`);
        const lines = rows.map((row) => `  <user${cells(row).join("")}/>\n`);
        const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<statistics>\n${lines.join("")}</statistics>\n`;
        return { fileDownload: engine.downloads.add("statistics.xml", xml) };
      },
    ),
  ),

  getFromServer: partly(
    "no directory server or domain can be reached: checked, then the refusal",
    method(
      z.object({ importServer: z.object({ hostName: z.string().optional() }), domainToImport: id }),
      ({ importServer, domainToImport }, { engine }) => {
        if (!engine.domain(domainToImport)) throw RpcError.missing(domainToImport);
        throw RpcError.failed("Unable to connect to the server %1.", importServer.hostName ?? "");
      },
    ),
  ),
};

/** A person of the file as the import's list shows it: the account to be, and whether it can be made. */
function importeeOf(
  call: Call,
  domainId: string,
  row: Record<string, string>,
  separator: string,
  names: Set<string>,
): object {
  const { engine } = call;
  const several = (text = "") =>
    text
      .split(separator)
      .map((each) => each.trim())
      .filter(Boolean);
  const name = row["Name"] ?? "";
  const policy = engine.state.policies.find((each) => each.isDefault)?.id ?? "";
  const made = {
    ...newUser(domainId, name, policy),
    id: "",
    fullName: row["FullName"] ?? "",
    description: row["Description"] ?? "",
  };
  const groups = several(row["Groups"]).flatMap(
    (group) =>
      engine.state.groups.find(
        (each) => each.domainId === domainId && each.name.toLowerCase() === group.toLowerCase(),
      ) ?? [],
  );
  const refusal = refusalOf(engine, domainId, name, names);
  names.add(name.toLowerCase());
  return {
    userItem: {
      ...userRow(call, made, groups, { sizes: false, password: false }),
      password: row["Password"] ?? "",
      emailAddresses: several(row["MailAddress"]),
    },
    isImportable: refusal === undefined,
    message: { message: refusal?.message ?? "", positionalParameters: refusal?.parameters ?? [], plurality: 1 },
  };
}

function refusalOf(engine: Engine, domainId: string, name: string, names: Set<string>): RpcError | undefined {
  const lower = name.toLowerCase();
  const taken = engine.state.users.some((user) => user.domainId === domainId && user.loginName.toLowerCase() === lower);
  if (taken || names.has(lower)) return RpcError.exists(name);
  try {
    checkLoginName(engine, name);
    return undefined;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}

function statisticsOf(engine: Engine, userIds: readonly string[]): (string | number)[][] {
  return chosenUsers(engine.state.users, userIds).map((user) => {
    const { items, bytes } = engine.usageOf(user);
    return [engine.addressOf(user), items, bytesOf({ value: bytes, units: "Bytes" }), user.lastLoginInfo.dateTime];
  });
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
