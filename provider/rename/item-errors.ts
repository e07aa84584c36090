import type { ItemError } from "../kerio/methods/bulk";

const meanings: Record<number, string> = {
  1001: "the name exists already",
  1002: "it does not exist",
  1003: "the licence or the domain allows no further user",
  1004: "the administration login lacks the right",
};

/** Whether the server says that it does not know the object. */
export function isNoSuch(error: ItemError): boolean {
  return error.code === 1002;
}

/** One item error of a bulk call in words, the server's own message first: which refusals a code stands for is not documented. */
export function explainItemError(error: ItemError): string {
  const meaning = meanings[error.code];
  return `${error.message || "no reason given"} (code ${error.code}${meaning ? `, as a rule: ${meaning}` : ""})`;
}
