import { User } from "pulumi-kerio";

// The same resource, "manager", with another name: the mailbox is renamed. Mail to jdoe@example.com goes on arriving,
// because the rename leaves an alias; `keepOldAddress: false` would leave none.
const manager = new User("manager", {
  domain: "example.com",
  name: "jsmith",
  fullName: "J. Smith",
});

export const address = manager.address;
