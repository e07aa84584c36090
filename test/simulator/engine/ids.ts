import { randomUUID } from "node:crypto";
import type { Engine } from "./engine.js";

/** A new, never repeated id: `keriodb://<kind>/[<domain guid>/]<guid>`. The form inside a domain is seen for users only. */
export function newId(kind: string, domainId?: string): string {
  const guid = randomUUID();
  return domainId === undefined ? `keriodb://${kind}/${guid}` : `keriodb://${kind}/${guidOf(domainId)}/${guid}`;
}

/** A new id of an alias, group, list or resource: their form was not seen, see the switch id-form. */
export function idInDomain({ switches }: Engine, kind: string, domainId: string): string {
  return switches.of("id-form") === "nested" ? newId(kind, domainId) : newId(kind);
}

/** The last part of an id. */
export function guidOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
