import { User } from "pulumi-kerio";

const manager = new User("manager", {
  domain: "example.com",
  name: "jdoe",
  fullName: "J. Doe",
});

export const address = manager.address;
