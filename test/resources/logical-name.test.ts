import type { Resource } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Memory } from "../../provider/dynamic/memory";
import { logicalName } from "../../provider/resources/program-side";

const component = (type: string, parent?: object) =>
  ({ __pulumiType: type, __parentResource: parent }) as unknown as Resource;
const stack = component("pulumi:pulumi:Stack");
const claim = (name: string) => ({ kind: "user", server: "", domain: "example.com", name });

describe("what a resource is known by", () => {
  it("is its name, behind the types of the components around it", () => {
    const staff = component("acme:Staff", stack);
    const names = [undefined, stack, staff, component("acme:Team", staff)].map((parent) => logicalName("boss", parent));
    expect(names).toEqual(["boss", "boss", "acme:Staff$boss", "acme:Staff$acme:Team$boss"]);
  });

  it("keeps two resources of one name apart", () => {
    const memory = new Memory();
    memory.declare(claim("ann"), "acme:Staff$boss");
    memory.declare(claim("bob"), "acme:Contractor$boss");
    expect([memory.isDeclared(claim("ann")), memory.isDeclared(claim("bob"))]).toEqual([true, true]);
    expect(memory.declare(claim("ann"), "acme:Contractor$boss")).toBe("acme:Staff$boss");
    expect(memory.claimOf("user", "boss")).toBeUndefined();
  });

  it("is looked for without them where it is new", () => {
    const memory = new Memory();
    memory.declare(claim("bob"), "acme:Staff$boss", true);
    expect(memory.claimOf("user", "boss")?.name).toBe("bob");
    const others = [
      memory.claimOf("alias", "boss"),
      memory.claimOf("user", "oss"),
      memory.claimOf("user", "acme:Team$boss"),
    ];
    expect(others).toEqual([undefined, undefined, undefined]);
  });
});
