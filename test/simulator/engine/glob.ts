/**
 * Whether a pattern covers the whole text. `any` are the signs that stand for any run of characters, `one` those for
 * exactly one. Takes time in proportion to both lengths at worst, whatever somebody writes into a pattern.
 */
export function globFits(pattern: string, text: string, { any = "*", one = "?" } = {}): boolean {
  let at = 0;
  let seen = 0;
  let star = -1;
  let tried = 0;
  while (seen < text.length) {
    const sign = pattern[at];
    if (sign !== undefined && any.includes(sign)) {
      star = at;
      tried = seen;
      at += 1;
    } else if (sign !== undefined && (sign === text[seen] || one.includes(sign))) {
      at += 1;
      seen += 1;
    } else if (star >= 0) {
      tried += 1;
      seen = tried;
      at = star + 1;
    } else return false;
  }
  while (at < pattern.length && any.includes(pattern[at] ?? "")) at += 1;
  return at === pattern.length;
}
