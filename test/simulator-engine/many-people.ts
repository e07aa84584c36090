import type { Simulator } from "../helpers/start-simulator";
import { newDomain, newGroup, newList, newResource, newUser } from "../simulator/engine/defaults";
import { newId } from "../simulator/engine/ids";
import type { State } from "../simulator/engine/state";
import { loadState, saveState } from "../simulator/engine/state-storage";
import { layoutOf } from "../simulator/host/layout";

/** A domain full of people. */
export interface Crowd {
  domainId: string;
  /** A group and a mailing list with all of them in it. */
  groupId: string;
  listId: string;
  userIds: string[];
  users: number;
  aliases: number;
  /** Groups, and as many lists and rooms. */
  groups: number;
}

/**
 * Puts a domain of that many users, a fifth as many aliases, and a tenth as many groups, lists and rooms, into the
 * configuration of the stopped service each; a call for each of them would take longer than all that is asked about them.
 */
export async function settle(simulator: Simulator, crowds: Readonly<Record<string, number>>): Promise<Crowd[]> {
  await simulator.control.command("stop");
  const { programDir } = layoutOf(simulator.state);
  const state = loadState(programDir);
  const settled = Object.entries(crowds).map(([name, users]) => addCrowd(state, name, users));
  saveState(programDir, state);
  await simulator.control.command("start");
  return settled;
}

function addCrowd(state: State, name: string, count: number): Crowd {
  const domain = newDomain(name, false);
  const { id: domainId } = domain;
  const policy = state.policies[0]?.id ?? "";
  const users = Array.from({ length: count }, (_, at) => {
    const user = newUser(domainId, `user${at}`, policy);
    return Object.assign(user, { fullName: `User ${at}`, description: `of ${name}`, emailAddresses: [`u.${at}`] });
  });
  const aliases = users.slice(0, count / 5).map(({ loginName }) => ({
    id: newId("alias", domainId),
    domainId,
    name: `alias.${loginName}`,
    deliverTo: loginName,
    deliverToId: "",
    type: "TypeEmailAddress",
    description: "",
  }));
  const everybody = newGroup(domainId, "everybody");
  everybody.memberIds = users.map(({ id }) => id);
  const news = newList(domainId, "news");
  news.members = users.map(({ id: userId }) => ({
    hasId: true,
    userId,
    emailAddress: "",
    fullName: "",
    kind: "Member",
  }));
  state.domains.push(domain);
  state.users.push(...users);
  state.aliases.push(...aliases);
  const others = Array.from({ length: count / 10 - 1 }, (_, at) => at);
  state.groups.push(everybody, ...others.map((at) => newGroup(domainId, `group${at}`)));
  state.lists.push(news, ...others.map((at) => newList(domainId, `list${at}`)));
  state.resources.push(newResource(domainId, "hall"), ...others.map((at) => newResource(domainId, `room${at}`)));
  return {
    domainId,
    groupId: everybody.id,
    listId: news.id,
    userIds: users.map(({ id }) => id),
    users: users.length,
    aliases: aliases.length,
    groups: count / 10,
  };
}
