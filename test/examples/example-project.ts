import { join } from "node:path";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { documentedPackages } from "../helpers/documented-packages";
import { createProject, type ProjectOptions, type PulumiProject } from "../helpers/pulumi-project";
import { repositoryRoot } from "../helpers/pulumi-template";
import type { Simulator } from "../helpers/start-simulator";

/** The settings of a stack that reach a stand-in, SSH included; `password` is the one to be kept secret. */
export function settingsOf({ info }: Simulator): { plain: Record<string, string>; password: string } {
  return {
    plain: {
      url: info.adminUrl,
      username: info.admin.user,
      caFile: info.caFile,
      sshHost: info.ssh.host,
      sshPort: String(info.ssh.port),
      sshUser: info.ssh.user,
      sshPrivateKeyFile: info.ssh.privateKeyFile,
      sshHostKey: info.ssh.hostKey,
    },
    password: info.admin.password,
  };
}

/** The configuration of a stack whose default server is the stand-in. */
export function configurationOf(simulator: Simulator): Pick<ProjectOptions, "config" | "secrets"> {
  const { plain, password } = settingsOf(simulator);
  return {
    config: Object.fromEntries(Object.entries(plain).map(([name, value]) => [`kerio:${name}`, value])),
    secrets: { "kerio:password": password },
  };
}

/** The groups that the demo's program takes for granted. */
export async function addGroups(simulator: Simulator): Promise<void> {
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const groups = ["sales", "staff"].map((name) => ({ domainId: list[0]?.id, name }));
  await simulator.adminCall("Groups.create", { groups });
}

/** A project made of one of `examples/`, as a user would copy it: beside a package.json of its own. */
export async function copyExample(
  name: string,
  options: Pick<ProjectOptions, "config" | "secrets">,
): Promise<PulumiProject> {
  const project = await createProject({ program: { dir: join(repositoryRoot(), "examples", name) }, ...options });
  await writeFile(join(project.directory, "package.json"), packageJson());
  return project;
}

/** What npm makes of README.md's "Installing". */
function packageJson(): string {
  const { tarball, packages } = documentedPackages(repositoryRoot());
  const others = packages.map(({ name, version }) => [name, `^${version}`]);
  const dependencies = Object.fromEntries([["pulumi-kerio", `file:${tarball}`], ...others]) as Record<string, string>;
  return `${JSON.stringify({ name: "program", private: true, dependencies }, null, 2)}\n`;
}

/** Makes another file of the example its program, as its README line says. */
export async function setMain(project: PulumiProject, main: string): Promise<void> {
  const file = join(project.directory, "Pulumi.yaml");
  await writeFile(file, readFileSync(file, "utf8").replace(/^main: .*$/m, `main: ${main}`));
}
