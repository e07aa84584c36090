import { domain, userLimit } from "./rows";
import { all, created, done, refused, shape, type Known, type RecordedShape } from "./shape";

/** Domains. The one that is made must not be there yet, and the renamed one is renamed at the next start. */
export function domainShapes({ domainId, fileId }: Known): RecordedShape[] {
  const clusterError = { type: "clSuccess", errorMessage: {}, conflictList: [] };
  return [
    shape("Domains.get", { query: all }, { list: [domain], totalItems: 0 }),
    shape("Domains.set", { domainIds: [domainId], pattern: { ...domain, name: "example.com" } }, done),
    shape("Domains.getSettings", {}, { setting: { hostname: "", publicFoldersPerDomain: true, serverId: "" } }),
    shape(
      "Domains.getUserCountInfo",
      { domainId },
      {
        countInfo: { currentUsers: 0, allowedUsers: userLimit },
      },
    ),
    shape("Domains.generatePassword", { domainId }, { password: "" }),
    shape("Domains.create", { domains: [{ name: "recorded.example.com" }] }, created),
    shape("Domains.remove", { domainIds: ["none"] }, refused),
    shape("Domains.rename", { domainId, newName: "renamed.example.com" }, { error: clusterError }),
    shape("Domains.setSettings", { setting: { hostname: "mail.example.com" } }, {}),
    shape("Domains.getDkimDnsRecord", { domain: "example.com" }, { detail: "" }),
    shape("Domains.checkPublicFoldersIntegrity", {}, {}),
    shape("Domains.saveFooterImage", { fileId }, { imgUrl: "" }),
    shape("Domains.saveWebMailLogo", { fileId, domainId }, { logoUrl: "" }),
    shape("Domains.testDomainController", { hostnames: ["none"], config: {}, domainId }, refused),
    shape("Domains.testDkimDnsStatus", { hostnames: ["none"] }, refused),
    shape("Domains.getDomainFooterPlaceholders", {}, { placeholders: [] }),
  ];
}
