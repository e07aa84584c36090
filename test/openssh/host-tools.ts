/**
 * The commands that scripts on the mail host may use: POSIX's own, and those that a minimal Debian (essential packages)
 * and macOS both have.
 */
export const hostTools = [
  "awk",
  "basename",
  "cat",
  "chmod",
  "cmp",
  "cut",
  "date",
  "dd",
  "df",
  "dirname",
  "find",
  "grep",
  "head",
  "id",
  "kill",
  "ln",
  "ls",
  "mkdir",
  "mv",
  "rm",
  "rmdir",
  "sed",
  "sleep",
  "sort",
  "sync",
  "tail",
  "touch",
  "tr",
  "uname",
  "wc",
];

/** Commands that a script asks for first, or that belong to the system it has found: a missing one is no failure. */
export const ifPresent = [
  "kerio-connect",
  "launchctl",
  "ps",
  "service",
  "sh",
  "sudo",
  "sysctl",
  "systemctl",
  "timeout",
];
