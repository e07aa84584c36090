/** Where a command that got through would leave its trace; planted in every name that could be taken for code. */
export const canary = "/tmp/pulumi-kerio-canary";

/** A name holds no slash, so the shell would have to make the canary's. */
const code = canary.replaceAll("/", "${PWD%%[!/]*}");

const asCode = [
  ...["$(touch C)", "`touch C`", ";touch C", "|touch C", "&touch C", "&&touch C", "||touch C", "!touch C"],
  ...["$(touch${IFS}C)", "${x:-$(touch C)}", "'$(touch C)'", '"$(touch C)"', "\\$(touch C)", "$((a[$(touch C)]))"],
  ...['";touch C;"', "';touch C;'", '"`touch C`"', "{touch,C}", "<(touch C)", ">C", "<C", ">>C;", "a;touch C #"],
  ...["$'\\x24(touch C)'", "x=$(touch C) y", "*;touch C", "~;touch C", "\\;touch C", "(touch C)", "eval touch C"],
].map((name) => name.replaceAll("C", code));

const withPaths = [
  ...["..", ".", "../jsmith", "../../../../tmp/x", "/tmp/x", "jdoe/..", "jdoe/../jsmith", "a//b", "./jdoe", "jdoe/."],
  ...["//jdoe", "jdoe/", "/", "jdoe/INBOX", "..\\jsmith", "C:\\mail", "\\\\host\\mail", "~/jdoe", "jdoe/\u2025/x"],
];

const withControls = [
  ...["a\nb", "a\rb", "a\tb", "\njdoe", "jdoe\n", "a\0b", "jdoe\0", "a\x1b[2Jb", "a\x07b", "a\x7fb", "a\bb", "a\x0bb"],
  ...["jdoe\n../jsmith", "1\tx\ty", "\ud800", "a\udfffb"],
];

const asOptions = ["-rf", "--", "-", "-n", "--help", "--target-directory=/tmp", "-exec", "#public", "#msgs", "#"];

const lookAlikes = [
  ...[
    "jsm\u0456th",
    "\uff4asmith",
    "jsmith\u200b",
    "\u017fmith",
    "\u212aarl",
    "\u0130rena",
    "js\u0301mith",
    "\u2024\u2024",
  ],
  ...["\uff0e\uff0e", "jdoe\uff0fjsmith", "jdoe\u2044x", "\u202ehtimsj", "\ufeffjdoe", "j\u00addoe", "jdoe\u3164"],
];

/** How the server writes folder names that are not ASCII; to us it is text like any other. */
const modifiedUtf7 = ["&AOQ-", "&-", "j&AC8-doe", "&AC4ALg-", "&ZeVnLIqe-", "&AAA-", "&"];

/** The longest name that a directory can have is one of 255 bytes. */
const ofLength = [
  ...["a".repeat(255), "\u00e9".repeat(127) + "a", "a".repeat(256), "\u00e9".repeat(128), "a".repeat(4096)],
  ...["", " ", " jdoe", "jdoe ", "\u00a0"],
];

const patterns = [
  "*",
  "?",
  "[a-z]*",
  "jdoe*",
  "%s%n%x",
  "${0}",
  "$@",
  "$IFS",
  "!!",
  "'",
  '"',
  "`",
  "\\",
  "a b",
  "it's",
];

/** Names that no account may have, and that must do no harm wherever they come from. */
export const hostileNames: string[] = [
  ...asCode,
  ...withPaths,
  ...withControls,
  ...asOptions,
  ...lookAlikes,
  ...modifiedUtf7,
  ...ofLength,
  ...patterns,
];

/** Those that a directory can bear on a mail host. */
export const possibleNames = hostileNames.filter(
  (name) =>
    name !== "" &&
    name !== "." &&
    name !== ".." &&
    !/[/\0]/.test(name) &&
    Buffer.byteLength(name) <= 255 &&
    isText(name),
);

/** Whether it survives as UTF-8; a lone surrogate does not. */
function isText(name: string): boolean {
  return Buffer.from(name).toString() === name;
}
