/** What a look at the text of a request tells before it is parsed. */
export interface RequestOutline {
  /** The `id` exactly as it was written; undefined when there is none that could stand in an answer. */
  id: string | undefined;
  /** How deep objects and arrays lie in one another. */
  depth: number;
}

/**
 * The `id` of a JSON-RPC request exactly as it was written. Clients send random 64-bit integers, which a
 * JavaScript number would round. Undefined when the text has no such member at its top level, or one that is
 * neither string, number, literal.
 */
export function rawId(text: string): string | undefined {
  return outlineOf(text).id;
}

/** Reads the text once, sign by sign: also what is no JSON, or megabytes long, has an outline. */
export function outlineOf(text: string): RequestOutline {
  let id: string | undefined;
  let depth = 0;
  let deepest = 0;
  let name = "";
  let before = "";
  for (let at = 0; at < text.length;) {
    const sign = text[at] ?? "";
    if (sign === " " || sign === "\n" || sign === "\r" || sign === "\t") {
      at += 1;
      continue;
    }
    const end = endOf(text, at);
    const part = structural.has(sign) ? sign : text.slice(at, Math.min(end, at + longestId + 1));
    if (sign === "{" || sign === "[") deepest = Math.max(deepest, ++depth);
    else if (sign === "}" || sign === "]") depth -= 1;
    else if (depth === 1 && sign === ":") name = before;
    // As in JSON.parse, the last of several members of one name counts.
    else if (depth === 1 && before === ":" && isNamedId(name)) id = isScalar(part) ? part : undefined;
    before = part;
    at = end;
  }
  return { id, depth: deepest };
}

/** The elements of an array exactly as they were written; the text must be an array in JSON. */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length;) {
    const sign = text[at] ?? "";
    const end = endOf(text, at);
    if ((sign === "[" || sign === "{") && ++depth === 1) start = end;
    const isLast = (sign === "]" || sign === "}") && --depth === 0;
    if (isLast || (sign === "," && depth === 1)) {
      elements.push(text.slice(start, at));
      start = end;
    }
    at = end;
  }
  return elements;
}

const structural = new Set(["{", "}", "[", "]", ":", ","]);
const longestId = 4096;

function endOf(text: string, at: number): number {
  if (structural.has(text[at] ?? "")) return at + 1;
  if (text[at] === '"') {
    for (let end = at + 1; end < text.length; end += 1) {
      if (text[end] === "\\") end += 1;
      else if (text[end] === '"') return end + 1;
    }
    return text.length;
  }
  let end = at + 1;
  while (end < text.length && !/[\s{}[\],:"]/.test(text[end] ?? "")) end += 1;
  return end;
}

function isNamedId(name: string): boolean {
  if (name === '"id"') return true;
  return name.includes("\\") && isScalar(name) && JSON.parse(name) === "id";
}

/** Whether the text is one complete JSON value without parts: nothing else may be echoed into an answer. */
function isScalar(text: string): boolean {
  if (text.length > longestId) return false;
  try {
    const value: unknown = JSON.parse(text);
    return value === null || typeof value !== "object";
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
