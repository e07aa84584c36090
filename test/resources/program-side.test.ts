import { RunError, runtime } from "@pulumi/pulumi";
import { afterEach, expect, it } from "vitest";
import { refuseWrongConfiguration } from "../../provider/resources/program-side";

afterEach(() => runtime.setAllConfig({}));

it.each([
  ["CONFIG_NOT_SECRET", { "kerio:password": "Planted.Clear.1" }, "pulumi config set --secret kerio:password"],
  ["CONFIG_INVALID", { "kerio:backups": "full" }, "pulumi config rm kerio:backups"],
])("a refusal of the program's side has its code and no stack in Pulumi's output: %s", (code, config, command) => {
  runtime.setAllConfig(config);
  let thrown: unknown;
  try {
    refuseWrongConfiguration();
  } catch (error) {
    thrown = error;
  }
  expect(RunError.isInstance(thrown)).toBe(true);
  expect(thrown).toMatchObject({ code, __pulumiRunError: true, stack: (thrown as Error).message });
  for (const part of [command, `[${code}]`]) expect((thrown as Error).message).toContain(part);
  expect((thrown as Error).message).not.toContain("Planted");
});

it("everything that the program's side can tell is told at once", () => {
  runtime.setAllConfig({
    "kerio:backups": "full",
    "kerio:password": "Planted.Clear.1",
    "kerio:url": "https://Admin:Planted.2@mail.example.com",
  });
  expect(refuseWrongConfiguration).toThrow(
    /config rm kerio:backups.*\[CONFIG_INVALID\]\n.*kerio:url holds.*\[CONFIG_NOT_SECRET\]\n.*--secret kerio:password/s,
  );
  expect(refuseWrongConfiguration).not.toThrow(/Planted/);
});
