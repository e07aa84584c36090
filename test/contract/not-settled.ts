import type { SwitchName } from "../simulator/engine/switches";

/** The switches that no question can settle by the API and mail alone: why, and what a person can do instead. */
export const notSettled: Partial<Record<SwitchName, { why: string; how: string }>> = {
  "bind-account": {
    why: "only a directory that is put under a running account shows it, and the API moves none",
    how: "with the service running, rename the directory of a test account to the name of one that was never used, and log in as that",
  },
  "queue-while-held": {
    why: "it takes a stopped service, which is everybody's",
    how: "on a server without people: a mail that waits in the queue, `Services.stop` of SMTP, `Queue.run`, and look",
  },
  "ignore-service-stop": {
    why: "it takes a stopped service, which is everybody's",
    how: "on a server without people: `Services.stop` of SMTP, then connect to its port",
  },
  "service-stop-cuts": {
    why: "it takes a stopped service, which is everybody's",
    how: "on a server without people: connect to the port of IMAP, `Services.stop` of IMAP, and send a command",
  },
  "second-backup": {
    why: "it takes a backup of the whole server",
    how: "at the time of a backup: `Backup.start` twice, and look at the second answer",
  },
  "reserved-names": {
    why: "such a name cannot begin with the prefix under which everything is made",
    how: "make an account `anyone`, and remove it",
  },
  "file-modes": {
    why: "only the files on the host show it",
    how: "`ls -ln` in a mailbox's directory and its `#msgs`",
  },
  "account-admin-domain": {
    why: "it takes an account administrator of one domain and something in another, and no domain is made here",
    how: "on a server with two domains: `Users.create` and `Users.set` in one, as an account administrator of the other",
  },
  "config-save": {
    why: "only the file on the host shows it",
    how: "create an account and look at the time of `users.cfg` now and an hour later",
  },
  "init-system": {
    why: "it is the host's, not the server's",
    how: "look at the host: systemd, an init script, or launchd",
  },
};
