import { randomUUID } from "node:crypto";

/** A new, never repeated id: `keriodb://<kind>/[<domain guid>/]<guid>`. The form inside a domain is seen for users only. */
export function newId(kind: string, domainId?: string): string {
  const guid = randomUUID();
  return domainId === undefined ? `keriodb://${kind}/${guid}` : `keriodb://${kind}/${guidOf(domainId)}/${guid}`;
}

/** The last part of an id. */
export function guidOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
