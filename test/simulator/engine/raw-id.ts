/**
 * The `id` of a JSON-RPC request exactly as it was written. Clients send random 64-bit integers, which a
 * JavaScript number would round. Undefined when the text has no such member at its top level.
 */
export function rawId(text: string): string | undefined {
  const token = /\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/y;
  let depth = 0;
  let before = "";
  let name = "";
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const part = match[1] ?? "";
    if (part === "{" || part === "[") depth += 1;
    else if (part === "}" || part === "]") depth -= 1;
    else if (depth === 1 && part === ":") name = before;
    else if (depth === 1 && before === ":" && name === '"id"') return part;
    before = part;
  }
  return undefined;
}
