import { addressOwners } from "./address-owners.js";
import type { Engine } from "./engine.js";
import type { ListMember, MailingList } from "./state.js";

/** The rules of a list on who may post: each PostAllowed, PostModerated or PostAccordingMembership. */
interface Posting {
  memberPosting: string;
  nonMemberPosting: string;
  moderatorPosting: string;
}

/** Who gets what a sender posts to a list, or why nobody does. */
export interface ListReceivers {
  members: readonly ListMember[];
  /** Why it comes back to the sender. */
  refusal?: string;
}

/** Who gets what a sender posts to a list, see the switch list-posting; where there is no sender, whoever is on it. */
export function listReceivers(engine: Engine, list: MailingList, sender: string | undefined): ListReceivers {
  const { members } = list;
  if (sender === undefined || mayPost(engine, list, sender)) return { members };
  const value = engine.switches.of("list-posting");
  if (value === "anybody") return { members };
  const moderators = members.filter(({ kind }) => kind === "Moderator");
  if (value === "moderated" && moderators.length > 0) return { members: moderators };
  return { members: [], refusal: value === "moderated" ? "the list has no moderator" : "the sender may not post" };
}

/** Whether the rules let the sender post: the moderators' own comes first, unless it leaves it to the other two. */
function mayPost(engine: Engine, list: MailingList, sender: string): boolean {
  const { memberPosting, nonMemberPosting, moderatorPosting } = list.settings["posting"] as Posting;
  const allowsOthers = [memberPosting, nonMemberPosting].every((rule) => rule === "PostAllowed");
  if (allowsOthers && moderatorPosting !== "PostModerated") return true;
  const kinds = kindsOf(engine, list, sender);
  const isMember = kinds.has("Member");
  const own = isMember ? memberPosting : nonMemberPosting;
  const asModerator = kinds.has("Moderator") && moderatorPosting !== "PostAccordingMembership";
  const rule = asModerator ? moderatorPosting : own;
  return rule === "PostAllowed" || (rule === "PostAccordingMembership" && isMember);
}

/** What the sender is on the list, under whichever of their addresses they are on it and write. */
function kindsOf(engine: Engine, { members }: MailingList, sender: string): Set<string> {
  const idsOf = (address: string): string[] => [...addressOwners(engine, address)].map(({ id }) => id);
  const own = new Set(idsOf(sender));
  const isSender = ({ hasId, userId, emailAddress }: ListMember): boolean => {
    if (hasId) return own.has(userId);
    return emailAddress.toLowerCase() === sender.toLowerCase() || idsOf(emailAddress).some((id) => own.has(id));
  };
  return new Set(members.filter(isSender).map(({ kind }) => kind));
}
