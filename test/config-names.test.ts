import { describe, expect, it } from "vitest";
import { settingFields } from "../provider/config-fields";
import { requireKnownNames } from "../provider/config-names";
import { KerioError } from "../provider/errors";

function refused(keys: string[], project = "mail"): string {
  try {
    requireKnownNames(keys, project);
  } catch (error) {
    expect(error).toBeInstanceOf(KerioError);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as KerioError).message;
  }
  return "";
}

describe("requireKnownNames", () => {
  it("accepts every setting, and what belongs to others", () => {
    const known = [...Object.keys(settingFields), "servers"].map((name) => `kerio:${name}`);
    expect(refused([...known, "aws:region", "mail:timeout", "kerio-other:name"])).toBe("");
  });

  it("refuses a name that is none, with the command that removes it and the names that there are", () => {
    const text = refused(["kerio:url", "kerio:timeout"]);
    expect(text).toContain("there is no setting kerio:timeout");
    expect(text).toContain("pulumi config rm kerio:timeout");
    expect(text).toMatch(/timeouts, renameOrder, .* servers/);
  });

  it("names the one that is meant where only its letters are written otherwise", () => {
    expect(refused(["kerio:ssh_host"])).toContain("there is no setting kerio:ssh_host; kerio:sshHost is one");
    expect(refused(["kerio:Back-Up"])).toContain("kerio:backup is one");
  });

  it("leaves the program's own settings alone in a project of that name", () => {
    expect(refused(["kerio:people"], "kerio")).toBe("");
  });
});
