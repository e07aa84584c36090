import { User } from "pulumi-kerio";

// The same resource, "jane", with another name: the mailbox is renamed. Mail to jdoe@example.com goes on arriving,
// because the rename leaves an alias; `keepOldAddress: false` would leave none.
const jane = new User("jane", {
  domain: "example.com",
  name: "jsmith",
  fullName: "Jane Smith",
});

export const address = jane.address;
