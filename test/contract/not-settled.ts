import type { SwitchName } from "../simulator/engine/switches";
import type { Fact } from "./sources";

/** The switches that no question can settle by the API and mail alone: what is known, why no question, and what a person can do instead. */
export const notSettled: Partial<Record<SwitchName, { fact: Fact; why: string; how: string }>> = {
  "bind-account": {
    fact: { source: "deleting", says: "an account of the same name is connected to the old mailbox; not when" },
    why: "only a directory that is put under a name while the server runs shows it, and the API moves none",
    how: "in the test of `placed-directory`: who is without the placed mail? `used` alone: `at-first-use`; `unused` too: `at-create`; `fresh` too: `at-start`. Where nobody is, no reader and no mail ever meets the difference, and only the moment at which `Users.get` shows the sizes tells it",
  },
  "bind-disabled": {
    fact: {
      source: "deleting",
      says: "an account of the same name is connected to the old mailbox; not whether disabled",
    },
    why: "only a directory that is put under a name while the server runs shows it, and the API moves none",
    how: "in the test of `placed-directory`, where `unused` was without the placed mail: another account like it, disabled before the restart and enabled after the directory was put there; `no` if that one has the mail",
  },
  "placed-directory": {
    fact: { source: "connections", says: "only a stop and a start of the server resets its count of opened folders" },
    why: "only a directory that is put under a name while the server runs shows it, and the API moves none",
    how: "on a server without people: make accounts `used` and `unused`, and three more with a mail each whose directories will be placed; restart; log in as `used`, and move its directory out of the domain's; rename the three directories to `used`, `unused` and `fresh`; make the account `fresh`; log in as each. `at-once` if each has the placed mail",
  },
  "queue-while-held": {
    fact: { source: "services", says: "a service can be stopped by itself; nothing about the queue" },
    why: "it takes a stopped service, which is everybody's",
    how: "on a server without people: a mail that waits in the queue, `Services.stop` of SMTP, `Queue.run`, and look",
  },
  "ignore-service-stop": {
    fact: { source: "definition", says: "`stop` answers nothing at all" },
    why: "it takes a stopped service, which is everybody's",
    how: "on a server without people: `Services.stop` of SMTP, then connect to its port",
  },
  "service-stop-cuts": {
    fact: { source: "connections", says: "a stop of the whole server is the only way to kill all connections" },
    why: "it takes a stopped service, which is everybody's",
    how: "on a server without people: connect to the port of IMAP, `Services.stop` of IMAP, and send a command",
  },
  "second-backup": {
    fact: { source: "definition", says: "`start` answers nothing at all, `getStatus` tells that one is in progress" },
    why: "it takes a backup of the whole server",
    how: "at the time of a backup: `Backup.start` twice, and look at the second answer",
  },
  "reserved-names": {
    fact: { source: "definition", says: "there are lists of forbidden names, prefixes and suffixes; not which" },
    why: "such a name cannot begin with the prefix under which everything is made",
    how: "make an account `anyone`, and remove it",
  },
  "file-modes": {
    fact: { source: "unit", says: "the unit names no user, so the engine runs as root" },
    why: "only the files on the host show it",
    how: "`ls -ln` in a mailbox's directory and its `#msgs`",
  },
  "mobile-devices": {
    fact: { source: "renaming", says: "each device gets a new profile; not what becomes of those that are listed" },
    why: "a device has to have synchronised with an account, and the API brings none",
    how: "`Users.getMobileDeviceList` of somebody with a device, before a renaming as the manual describes it and after",
  },
  "references-on-disk": {
    fact: { source: "definition", says: "members, readers and managers are ids; how the files write them is not said" },
    why: "only the files on the host show it",
    how: "make a group with a member, restart the server, and look at the group in `users.cfg`",
  },
  "account-admin-domain": {
    fact: {
      source: "definition",
      says: "AccountAdmin: users, groups, aliases and mailing lists; not of which domains",
    },
    why: "it takes an account administrator of one domain and something in another, and no domain is made here",
    how: "on a server with two domains: `Users.create` and `Users.set` in one, as an account administrator of the other",
  },
  "config-save": {
    fact: { source: "configuration", says: "files are read at the start and written at the stop" },
    why: "only the file on the host shows it",
    how: "create an account and look at the time of `users.cfg` now and an hour later",
  },
  "init-system": {
    fact: { source: "unit", says: "there are a unit, an init script and a property list for launchd" },
    why: "it is the host's, not the server's",
    how: "look at the host: systemd, an init script, or launchd",
  },
};
