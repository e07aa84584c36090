import { group, list, named, principal, resource } from "./rows";
import { all, anyList, created, done, download, refused, shape, type Known, type RecordedShape } from "./shape";

/** Aliases, Groups, MailingLists and Resources. */
export function addressShapes(known: Known): RecordedShape[] {
  const { domainId, userId, groupId, listId, resourceId, fileId, spare } = known;
  const inDomain = { query: all, domainId };
  const userIds = [userId];
  const member = { hasId: false, userId: "", emailAddress: "new@example.org", fullName: "", kind: "Member" };
  const archive = { ...list.archive, archiveReaderList: [{ kind: "TrusteeUser", readerId: userId }] };
  const anyone = { ...principal, type: "AnyonePrincipal" };
  const room = { type: "Room", resourceUsers: [anyone], manager: anyone };
  return [
    shape("Aliases.create", { aliases: [sampleAlias(domainId)] }, created),
    shape("Aliases.get", inDomain, {
      list: [
        {
          id: "",
          domainId: "",
          name: "",
          deliverTo: "",
          deliverToId: "",
          type: "",
          description: "",
          homeServer: named,
        },
      ],
      totalItems: 0,
    }),
    shape("Aliases.check", { checkString: "recorded" }, { result: [""] }),
    shape("Aliases.getTargetList", inDomain, {
      list: [
        {
          id: "",
          type: "",
          name: "",
          fullName: "",
          description: "",
          isEnabled: true,
          itemSource: "",
          emailAddress: "",
        },
      ],
      totalItems: 0,
    }),
    shape("Groups.get", inDomain, { list: [group], totalItems: 0 }),
    shape("Groups.addMemberList", { groupId, userList: userIds }, done),
    shape("Groups.removeMemberList", { groupId, userIds }, done),
    shape("MailingLists.get", inDomain, { list: [list], totalItems: 0 }),
    shape("MailingLists.set", { mlIds: [listId], pattern: { ...list, archive } }, done),
    shape(
      "MailingLists.getMlUserList",
      { query: all, mlId: listId },
      {
        list: [{ hasId: true, userId: "", emailAddress: "", fullName: "", kind: "" }],
        totalItems: 0,
      },
    ),
    shape("MailingLists.addMlUserList", { members: [member], mlId: listId }, done),
    shape("MailingLists.removeMlUserList", { members: [member], mlId: listId }, done),
    shape("MailingLists.exportMlUsersToCsv", { kind: "Member", mlId: listId }, download),
    shape("Resources.get", inDomain, { list: [resource], totalItems: 0 }),
    shape("Resources.set", { resourceIds: [resourceId], pattern: { ...resource, ...room } }, done),
    shape("Aliases.set", { aliasIds: ["none"], pattern: { description: "x" } }, refused),
    shape("Aliases.remove", { aliasIds: ["none"] }, refused),
    shape("Aliases.remove", { aliasIds: [spare.aliasId] }, done),
    shape("Aliases.getMailPublicFolderList", { domainId }, { publicFolderList: [{ id: "", name: "" }] }),
    shape("Groups.create", { groups: [{ ...group, domainId, name: "recorded.group", role: "UserRole" }] }, created),
    shape("Groups.set", { groupIds: [groupId], pattern: { ...group, role: "UserRole" } }, done),
    shape("Groups.remove", { requests: [{ groupId: "none", mode: "DSModeDeactivate" }] }, refused),
    shape("Groups.remove", { requests: [{ groupId: spare.groupId, mode: "DSModeDeactivate" }] }, done),
    shape("Groups.activate", { groupIdList: [groupId] }, done),
    shape("MailingLists.create", { mailingLists: [{ ...list, domainId, name: "recorded.list", archive }] }, created),
    shape("MailingLists.remove", { mlIds: ["none"] }, refused),
    shape("MailingLists.remove", { mlIds: [spare.listId] }, done),
    shape("MailingLists.getMlUserListFromCsv", { fileId, mlToImport: listId }, { members: [] }),
    shape("MailingLists.getSuffixes", {}, { suffixes: {} }),
    shape("MailingLists.getTrusteeTargetList", inDomain, { list: [{ kind: "", name: "" }], totalItems: 0 }),
    shape(
      "Resources.create",
      {
        resources: [{ ...resource, domainId, name: "recorded.room", ...room }],
      },
      created,
    ),
    shape("Resources.remove", { resourceIds: ["none"] }, refused),
    shape("Resources.remove", { resourceIds: [spare.resourceId] }, done),
    shape("Resources.getPrincipalList", inDomain, {
      list: [principal],
      totalItems: 0,
    }),
    shape("CompanyContacts.get", inDomain, anyList),
  ];
}

/** As the vendor's own sample of 2012 writes it, with a member that later definitions do not have. */
function sampleAlias(domainId: string): Record<string, unknown> {
  return {
    domainId,
    name: "recorded",
    deliverTo: "jdoe@example.com",
    description: "",
    deliverToSelect: "TypeEmailAddress",
  };
}
