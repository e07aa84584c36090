import { User } from "pulumi-kerio";

const jane = new User("jane", {
  domain: "example.com",
  name: "jdoe",
  fullName: "Jane Doe",
});

export const address = jane.address;
