import { Alias, User } from "pulumi-kerio";

const domain = "example.com";

const jane = new User("jane", {
  domain,
  name: "jdoe", // change this, and the mailbox is renamed
  fullName: "Jane Doe",
  groups: ["sales", "staff"],
});
const alice = new User("alice", { domain, name: "asmith", fullName: "Alice Smith", groups: ["staff"] });
const bob = new User("bob", { domain, name: "bdoe", fullName: "Bob Doe", diskQuota: "2 GB" });

new Alias("info", { domain, name: "info", deliverTo: jane.address });

export const addresses = [jane.address, alice.address, bob.address];
