/** Where a fact is published. The vendor's own documents come first, then what people observed. */
export const sources = {
  definition: {
    title: "the vendor's API definition, in an open translation",
    url: "https://github.com/igiant/connect",
  },
  reference: {
    title: "the vendor's API reference",
    url: "https://manuals.gfi.com/en/kerio/api/connect/admin/reference/",
  },
  details: {
    title: "the vendor's API details",
    url: "http://manuals.kerio.com/connect/api/en/details/index.html",
  },
  phpLibrary: {
    title: "the official PHP client library",
    url: "https://github.com/jpirnat/kerio-api-php",
  },
  controlSample: {
    title: "the sample communication of the sister product's API",
    url: "https://manuals.gfi.com/en/kerio/api/control/reference/sample_communication.html",
  },
  refusedLogin: {
    title: "support article 130018",
    url: "https://support.kerioconnect.gfi.com/article/130018-application-passwords-do-not-work-with-the-kerio-connect-json-rpc-api",
  },
  accounts: {
    title: "manual, creating user accounts",
    url: "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/creating-user-accounts-in-kerio-connect-1125.html",
  },
  renaming: {
    title: "manual, renaming a user account",
    url: "http://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/renaming-user-account-243.html",
  },
  deleting: {
    title: "support article 110298, disabling and deleting accounts",
    url: "https://gfi-supportdesk.kayako.com/article/110298-disabling-and-deleting-user-accounts-in-kerio-connect",
  },
  aliases: {
    title: "manual, creating aliases",
    url: "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/creating-aliases-in-kerio-connect-1123.html",
  },
  passwords: {
    title: "manual, password policy",
    url: "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/security/password-policy-in-kerio-connect-1440.html",
  },
  licences: {
    title: "support article, licences",
    url: "https://support.kerioconnect.gfi.com/hc/en-us/articles/360015191920-Licenses-in-Kerio-Connect",
  },
  services: {
    title: "manual, services",
    url: "https://manuals.gfi.com/en/kerio/connect/content/server-configuration/services-in-kerio-connect-1153.html",
  },
  connections: {
    title: "manual, a user cannot log in",
    url: "https://manuals.gfi.com/en/kerio/connect/content/troubleshooting/kerio-connect-user-cannot-login-to-their-email-account-1051.html",
  },
  configuration: {
    title: "manual of Kerio MailServer 5 and 6, a copy",
    url: "http://www.internetaccessmonitor.com/eng/support/docs/keriomail/ch02s10.php",
  },
  components: { title: "administrator's guide of Kerio MailServer 6, the components", url: "" },
  forum: { title: "a start that was logged in 2018, in a forum", url: "" },
  unit: { title: "a systemd unit in circulation", url: "https://github.com/Peppershade/kerio-connect-docker" },
  cask: { title: "the recipe of a package for macOS, of 9.2.7", url: "" },
  guide67: { title: "administrator's guide of Kerio MailServer 6.7", url: "" },
  userGuide7: {
    title: "user guide of version 7",
    url: "https://bigmountainmail.com/kerio-connect-userguide-en-7/sect-folders.html",
  },
  seen1008: {
    title: "seen on 10.0.8 by a monitoring template",
    url: "https://github.com/IT-for-Prof/zabbix-kerio-connect",
  },
  seen1009: { title: "seen on 10.0.9 by a lab", url: "https://github.com/foksk76/kerio-connect" },
  note1009: { title: "a public technical note on 10.0.9 Patch 2", url: "" },
  javaClient: { title: "an open Java client, with a trace", url: "https://github.com/pascalrobert/kerio-admin" },
  rubyClient: { title: "an open Ruby client and its tests", url: "https://github.com/shaneshort/ruby-kerio-api" },
  clients: { title: "what several open clients send and expect", url: "" },
} as const;

/** The name of a source. */
export type SourceName = keyof typeof sources;

/** What a source says, in one sentence. */
export interface Fact {
  source: SourceName;
  says: string;
}
