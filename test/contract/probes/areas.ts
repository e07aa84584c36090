import type { Probe } from "../probe";
import { aliases } from "./aliases";
import { batch } from "./batch";
import { contacts } from "./contacts";
import { delivery } from "./delivery";
import { domains } from "./domains";
import { groups } from "./groups";
import { limits } from "./limits";
import { mailbox } from "./mailbox";
import { mailingLists } from "./mailing-lists";
import { names } from "./names";
import { refusals } from "./refusals";
import { removal } from "./removal";
import { resources } from "./resources";
import { searchQuery } from "./search-query";
import { server } from "./server";
import { services } from "./services";
import { session } from "./session";
import { transport } from "./transport";
import { users } from "./users";

/** Every question, by what it is about, in the order in which they are asked. */
export const areas: Record<string, readonly Probe[]> = {
  transport,
  session,
  server,
  services,
  "search-query": searchQuery,
  batch,
  users,
  names,
  refusals,
  removal,
  contacts,
  aliases,
  groups,
  "mailing-lists": mailingLists,
  resources,
  domains,
  mailbox,
  delivery,
  limits,
};
