import { z } from "zod";
import { newList } from "../defaults.js";
import type { Engine } from "../engine.js";
import { idInDomain } from "../ids.js";
import { isMissing, search, searchQuery } from "../search-query.js";
import type { ArchiveReader as Reader, ListMember, MailingList } from "../state.js";
import { mayWriteDomain } from "./account-rules.js";
import { createEach, forEach, forEachRow, removeEachRow } from "./bulk.js";
import { method, partly, type Call, type Interface } from "./method.js";
import { changed, patternOf } from "./pattern.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";
import { without } from "../without.js";

const archive = z.object({
  keepArchive: z.boolean().default(false),
  archiveOnlyForLogged: z.boolean().default(false),
  archiveReaderList: z
    .array(z.looseObject({ kind: z.enum(["TrusteeUser", "TrusteeGroup"]), readerId: id }))
    .default([]),
});

const post = ["PostAllowed", "PostModerated", "PostAccordingMembership"];
const choices = {
  type: ["Allowed", "Moderated", "Denied"],
  memberPosting: post,
  nonMemberPosting: post,
  moderatorPosting: post,
  replyTo: ["Sender", "ThisList", "OtherAddress", "SenderThisList"],
};

const listPattern = z.intersection(
  patternOf(newList("", "").settings, choices),
  z.object({
    domainId: id.optional(),
    name: z.string().optional(),
    description: z.string().optional(),
    archive: archive.optional(),
  }),
);
const listCreate = z.intersection(listPattern, z.object({ domainId: id, name: z.string() }));

const member = z.object({
  hasId: z.boolean(),
  userId: z.string().default(""),
  emailAddress: z.string().default(""),
  fullName: z.string().default(""),
  kind: z.enum(["Member", "Moderator"]).default("Member"),
});

const memberList = z.object({ members: z.array(member), mlId: id });

const kept = "nobody subscribes by mail, and who may post has an effect by the switch `list-posting` alone";

/** The interface MailingLists. Members that are local accounts are held by id and do not follow a new account. */
export const mailingLists: Interface = {
  get: method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    const rows = engine.state.lists.filter((list) => list.domainId === domainId).map((list) => listRow(engine, list));
    return search(rows, query, {
      quick: ["name", "description"],
      switches: engine.switches,
    });
  }),

  create: partly(
    kept,
    method(z.object({ mailingLists: z.array(listCreate) }), ({ mailingLists: items }, call) =>
      createEach(call.engine, items, (item) => {
        const { engine } = call;
        if (!engine.domain(item.domainId)) throw RpcError.missing(item.domainId);
        if (!mayWriteDomain(call, item.domainId)) throw RpcError.denied();
        if (!/^[A-Za-z0-9_.+-]+$/.test(item.name)) throw RpcError.failed("List name %1 is not valid.", item.name);
        const lower = item.name.toLowerCase();
        if (engine.state.lists.some((each) => each.domainId === item.domainId && each.name.toLowerCase() === lower)) {
          throw RpcError.exists(item.name);
        }
        const listId = idInDomain(engine, "mailinglist", item.domainId);
        const list = { ...newList(item.domainId, item.name), id: listId };
        change(engine, list, item);
        engine.state.lists.push(list);
        return list.id;
      }),
    ),
  ),

  set: partly(
    kept,
    method(z.object({ mlIds: z.array(id), pattern: listPattern }), ({ mlIds, pattern }, call) =>
      forEachRow(call.engine, call.engine.state.lists, mlIds, (list) => {
        if (!mayWriteDomain(call, list.domainId)) throw RpcError.denied();
        if (pattern.name && pattern.name !== list.name) {
          throw RpcError.failed("Mailing list %1 cannot be renamed.", list.name);
        }
        change(call.engine, list, pattern);
      }),
    ),
  ),

  remove: method(z.object({ mlIds: z.array(id) }), ({ mlIds }, call) =>
    removeEachRow(call.engine, call.engine.state.lists, mlIds, (list) => {
      const { engine } = call;
      if (!mayWriteDomain(call, list.domainId)) throw RpcError.denied();
      engine.state.lists.splice(engine.state.lists.indexOf(list), 1);
    }),
  ),

  getMlUserList: method(z.object({ query: searchQuery, mlId: id }), ({ query, mlId }, call) => {
    const rows = existing(call, mlId).members.map((each) => ({
      ...each,
      fullName: call.engine.user(each.userId)?.fullName ?? each.fullName,
    }));
    const asked = isMissing(query) ? query : { orderBy: query.orderBy };
    const { list } = search(rows, asked, { switches: call.engine.switches, alwaysId: true });
    return { list, totalItems: rows.length };
  }),

  addMlUserList: method(memberList, ({ members, mlId }, call) => {
    const list = writable(call, mlId);
    const known = new Set(list.members.map(keyOf));
    return forEach(call.engine, members, (each) => {
      if (each.hasId && !call.engine.user(each.userId)) throw RpcError.missing(each.userId);
      if (!each.hasId && !each.emailAddress.includes("@")) {
        throw RpcError.failed("Address %1 is not valid.", each.emailAddress);
      }
      if (known.has(keyOf(each))) throw RpcError.exists(each.hasId ? each.userId : each.emailAddress);
      known.add(keyOf(each));
      list.members.push({ ...each, emailAddress: each.hasId ? "" : each.emailAddress });
    });
  }),

  removeMlUserList: method(memberList, ({ members, mlId }, call) => {
    const list = writable(call, mlId);
    const known = new Map(list.members.map((each) => [keyOf(each), each]));
    const answer = forEach(call.engine, members, (each) => {
      if (!known.delete(keyOf(each))) throw RpcError.missing(each.hasId ? each.userId : each.emailAddress);
    });
    list.members = [...known.values()];
    return answer;
  }),

  getSuffixes: partly(
    "no public source gives its members",
    method(nothing, () => ({
      suffixes: { subscribe: "-subscribe", unsubscribe: "-unsubscribe", help: "-help", owners: "-owners" },
    })),
  ),

  getTrusteeTargetList: partly(
    "no public source gives the members of a row",
    method(z.object({ query: searchQuery, domainId: id }), ({ query, domainId }, { engine }) => {
      if (!engine.domain(domainId)) throw RpcError.missing(domainId);
      const rows = [
        ...engine.state.users
          .filter((user) => user.domainId === domainId)
          .map((user) => ({ kind: "TrusteeUser", id: user.id, name: user.loginName, fullName: user.fullName })),
        ...engine.state.groups
          .filter((group) => group.domainId === domainId)
          .map((group) => ({ kind: "TrusteeGroup", id: group.id, name: group.name, fullName: "" })),
      ];
      return search(rows, query, { quick: ["name", "fullName"], switches: engine.switches, alwaysId: true });
    }),
  ),
};

function existing(call: Call, mlId: string): MailingList {
  const list = call.engine.state.lists.find((each) => each.id === mlId);
  if (!list) throw RpcError.missing(mlId);
  return list;
}

function writable(call: Call, mlId: string): MailingList {
  const list = existing(call, mlId);
  if (!mayWriteDomain(call, list.domainId)) throw RpcError.denied();
  return list;
}

/** Two members with one key are the same. */
function keyOf({ kind, hasId, userId, emailAddress }: ListMember): string {
  return `${kind} ${hasId ? `id ${userId}` : `address ${emailAddress.toLowerCase()}`}`;
}

function change(engine: Engine, list: MailingList, pattern: z.infer<typeof listPattern>): void {
  const { archive, description } = pattern;
  const settings = without(pattern, "domainId", "name", "description", "archive");
  if (archive) list.archive = { ...archive, archiveReaderList: readersOf(engine, list, archive.archiveReaderList) };
  list.description = description ?? list.description;
  list.settings = changed(list.settings, settings);
}

/** Readers are held by id alone, which may outlive its account; a new one must be somebody. */
function readersOf(engine: Engine, list: MailingList, wanted: Pick<Reader, "kind" | "readerId">[]): Reader[] {
  return wanted.map(({ kind, readerId }) => {
    const known = list.archive.archiveReaderList.some((each) => each.kind === kind && each.readerId === readerId);
    if (!known && !trustee(engine, kind, readerId)) throw RpcError.missing(readerId);
    return { kind, readerId };
  });
}

function trustee(engine: Engine, kind: string, readerId: string) {
  return kind === "TrusteeUser" ? engine.user(readerId) : engine.state.groups.find((group) => group.id === readerId);
}

/** A mailing list as `MailingLists.get` shows it. */
export function listRow(engine: Engine, list: MailingList) {
  const { settings, members, archive, ...shown } = list;
  const archiveReaderList = archive.archiveReaderList.map((reader) => {
    const somebody = trustee(engine, reader.kind, reader.readerId);
    const name = somebody && ("loginName" in somebody ? somebody.loginName : `[${somebody.name}]`);
    const isEnabled = somebody !== undefined && (!("isEnabled" in somebody) || somebody.isEnabled);
    return { ...reader, displayString: name ?? "", isEnabled, itemSource: "DSInternalSource" };
  });
  return structuredClone({
    ...settings,
    ...shown,
    archive: { ...archive, archiveReaderList },
    membersCount: members.length,
    homeServer: engine.homeServer,
  });
}
