import { beforeAll, expect, it } from "vitest";
import { applied } from "../helpers/dynamic-server";
import { pictureOf } from "../security/untouched";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain, nextRun } = stage;
const password = "Harbour.3.Lamp";

beforeAll(async () => {
  const user = (loginName: string, userRole: string) => ({
    domainId: stage.domainId,
    loginName,
    isEnabled: true,
    password,
    role: { userRole, publicFolderRight: false, archiveFolderRight: false },
  });
  await stage.simulator.adminCall("Users.create", { users: [user("auditor", "Auditor"), user("jdoe", "UserRole")] });
});

it("of the login is told with what to do, and nothing is touched", async () => {
  const was = await pictureOf(stage.simulator, domain);
  const login = { "kerio:username": `auditor@${domain}`, "kerio:password": password };
  for (const [kind, declared] of [
    ["user", { domain, name: "jsmith", logicalName: "new" }],
    ["user", { domain, name: "jdoe", logicalName: "known", fullName: "J. Doe", adopt: true }],
    ["alias", { domain, name: "info", deliverTo: "jdoe", logicalName: "info" }],
  ] as const) {
    await nextRun(login);
    await expect(applied(stage.plugin, kind, undefined, declared)).rejects.toThrow(
      /role of a full administrator.*kerio:username.*kerio:password.*API_REFUSED/s,
    );
  }
  await nextRun(login);
  const declared = { domain, name: "jsmith", logicalName: "j", renamedFrom: "jdoe" };
  const { failures } = await stage.plugin.check("user", {}, declared);
  expect(failures.join()).toMatch(/may not change accounts.*role of a full administrator/s);
  expect(await pictureOf(stage.simulator, domain)).toEqual(was);
});
