import * as pulumi from "@pulumi/pulumi";
import { Alias, User, type UserArgs } from "pulumi-kerio";

const domain = "example.com";

/** What all people of the company have in common; whatever is left out here stays as the administration has it. */
const common = {
  domain,
  diskQuota: "5 GB",
  outgoingMessageLimit: "20 MB",
  publishInGal: true,
} satisfies Partial<UserArgs>;

const jane = new User("jane", {
  ...common,
  name: "jdoe",
  fullName: "Jane Doe",
  emailAddresses: ["jane.doe"],
  contact: { profession: "Head of sales" },
});

// Without a password the server makes one; it is a secret output.
const john = new User("john", {
  ...common,
  name: "jsmith",
  fullName: "John Smith",
  forwarding: { to: ["jsmith@example.org"], keepCopy: true },
});

// Who has left: the account can no longer be used, the mail stays.
new User("alice", { ...common, name: "asmith", fullName: "Alice Smith", enabled: false });

new Alias("sales", { domain, name: "sales", deliverTo: jane.address, description: "Orders and offers" });
new Alias("support", { domain, name: "support-*", deliverTo: john.address });

export const addresses = pulumi.all([jane.address, john.address]);
export const johnsPassword = john.initialPassword;
