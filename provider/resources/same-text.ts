/** Whether two texts are the same but for blanks at their ends and the form of line breaks, which a server may tidy. */
export function sameText(a: unknown, b: unknown): boolean {
  const plain = (text: unknown) => String(text).replace(/\r\n?/g, "\n").trim();
  return typeof a === "string" && typeof b === "string" && plain(a) === plain(b);
}
