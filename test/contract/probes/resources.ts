import { NotAsked, type Probe } from "../probe";
import { errorsOf, shown } from "./tools";

/** Rooms and equipment. */
export const resources: Probe[] = [
  {
    question: "Which address has a resource, and is it enabled?",
    fact: { source: "definition", says: "address is read-only, isEnabled is true unless said otherwise" },
    expects: "its name in the domain, enabled",
    async ask(world) {
      const name = world.name("room");
      const id = await world.id("resources", { name, type: "Room" });
      const row = await world.row("resources", id);
      const holds = row?.["address"] === `${name}@${world.domain.name}` && row["isEnabled"] === true;
      return { holds, seen: `${shown(row?.["address"])}, isEnabled ${shown(row?.["isEnabled"])}` };
    },
  },
  {
    question: "What does SMTP answer for a resource that is disabled?",
    fact: { source: "definition", says: "a resource has isEnabled; what becomes of its mail is not said" },
    settles: "disabled-resource",
    needs: ["smtp"],
    async ask(world) {
      const address = (name: string) => `${name}@${world.domain.name}`;
      const [enabled, disabled] = [world.name("open"), world.name("closed")];
      await world.id("resources", { name: enabled, type: "Room" });
      await world.id("resources", { name: disabled, type: "Room", isEnabled: false });
      // A server that takes no mail of strangers for any resource says nothing about disabled ones.
      const other = await world.send(address(enabled));
      if (other !== undefined) throw new NotAsked(`mail to an enabled resource is refused: ${other}`);
      const refusal = await world.send(address(disabled));
      return { value: refusal === undefined ? "accept" : "reject", seen: refusal ?? "it is taken" };
    },
  },
  {
    question: "Is a manager held by the account's id?",
    fact: { source: "definition", says: "a principal has a type and an id" },
    expects: "UserPrincipal with that id",
    async ask(world) {
      const { id } = await world.user("one");
      const resource = await world.id("resources", { name: world.name("room"), type: "Room" });
      const pattern = { manager: { type: "UserPrincipal", id } };
      const answer = await world.bulk("Resources.set", { resourceIds: [resource], pattern });
      const manager = (await world.row("resources", resource))?.["manager"] as { type?: string; id?: string };
      const holds = manager.type === "UserPrincipal" && manager.id === id;
      return {
        holds,
        seen: `${errorsOf(answer)}; ${shown(manager.type)}, ${manager.id === id ? "that id" : "another id"}`,
      };
    },
  },
  {
    question: "May an account administrator change a resource?",
    fact: {
      source: "definition",
      says: "AccountAdmin: users, groups, aliases and mailing lists; nothing of resources",
    },
    settles: "account-admin-resources",
    needs: ["full-admin"],
    async ask(world) {
      const role = { userRole: "AccountAdmin", publicFolderRight: false, archiveFolderRight: false };
      const { address, password } = await world.user("one", { role });
      const session = await world.api.login({ username: address, password });
      const resourceIds = [await world.id("resources", { name: world.name("room"), type: "Room" })];
      const change = { resourceIds, pattern: { description: "changed" } };
      const answer = await world.bulk("Resources.set", change, { session });
      return { value: answer.errors.length > 0 ? "no" : "yes", seen: errorsOf(answer) };
    },
  },
  {
    question: "Can a resource be renamed?",
    fact: { source: "definition", says: "a resource's name is write-once" },
    expects: "no",
    async ask(world) {
      const name = world.name("room");
      const id = await world.id("resources", { name, type: "Equipment" });
      const pattern = { name: world.name("other") };
      const answer = await world.bulk("Resources.set", { resourceIds: [id], pattern });
      const now = (await world.row("resources", id))?.["name"];
      return { holds: now === name, seen: `${errorsOf(answer)}; ${now === name ? "no" : shown(now)}` };
    },
  },
];
