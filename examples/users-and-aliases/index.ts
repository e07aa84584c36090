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

const jdoe = new User("jdoe", {
  ...common,
  name: "jdoe",
  fullName: "J. Doe",
  emailAddresses: ["j.doe"],
  contact: { profession: "Head of sales" },
});

// Without a password the server makes one; it is a secret output.
const jsmith = new User("jsmith", {
  ...common,
  name: "jsmith",
  fullName: "J. Smith",
  forwarding: { to: ["jsmith@example.org"], keepCopy: true },
});

// Who has left: the account can no longer be used, the mail stays.
new User("asmith", { ...common, name: "asmith", fullName: "A. Smith", enabled: false });

new Alias("sales", { domain, name: "sales", deliverTo: jdoe.address, description: "Orders and offers" });
new Alias("support", { domain, name: "support-*", deliverTo: jsmith.address });

export const addresses = pulumi.all([jdoe.address, jsmith.address]);
export const initialPassword = jsmith.initialPassword;
