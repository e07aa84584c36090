// The servers are entries of the stack's configuration, each with the keys of `docs/configuration.md`:
//
//   pulumi config set --path kerio:servers.north.url https://north.example.com:4040
//   pulumi config set --path kerio:servers.north.username Admin
//   pulumi config set --path --secret kerio:servers.north.password
//   … and the same for kerio:servers.south
import { User } from "pulumi-kerio";

const people = [
  { server: "north", name: "jdoe", fullName: "J. Doe" },
  { server: "south", name: "jsmith", fullName: "J. Smith" },
];

const users = people.map((person) => new User(person.name, { domain: "example.com", ...person }));

export const addresses = users.map((user) => user.address);
