import { Alias, User } from "pulumi-kerio";

const domain = "example.com";

const manager = new User("manager", {
  domain,
  name: "jdoe", // change this, and the mailbox is renamed
  fullName: "J. Doe",
  groups: ["sales", "staff"],
});
const assistant = new User("assistant", { domain, name: "asmith", fullName: "A. Smith", groups: ["staff"] });
const intern = new User("intern", { domain, name: "bdoe", fullName: "B. Doe", diskQuota: "2 GB" });

new Alias("info", { domain, name: "info", deliverTo: manager.address });

export const addresses = [manager.address, assistant.address, intern.address];
