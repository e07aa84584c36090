import { expect } from "vitest";
import { createProject, type CommandOptions, type ProjectOptions, type PulumiProject } from "../helpers/pulumi-project";
import type { CommandResult } from "../helpers/pulumi-process";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

export const domain = "example.com";

/** A host whose engine comes and goes quickly, so that the tests wait for the provider and not for the stand-in. */
export function startQuickHost(switches: Record<string, string> = {}): Promise<Simulator> {
  return startSimulator({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20", ...switches } });
}

/** What a test may leave out of, or add to, a stack's settings. */
export interface StackChange {
  /** Without the SSH settings such a stack cannot rename. */
  ssh?: boolean;
  config?: Record<string, unknown>;
  secrets?: Record<string, string>;
  /** Seconds of silence after which the host puts itself back; the default outlasts a busy machine. */
  supervisor?: number;
  /** Seconds that a call may take; the default is 20. */
  request?: number;
}

/** A stack whose program is `body`, with `User`, `Alias` and `domain` at hand. */
export function stackOf(simulator: Simulator, body: string, change: StackChange = {}): Promise<PulumiProject> {
  const { adminUrl, caFile, admin, ssh } = simulator.info;
  const timeouts = { request: change.request ?? 20, stop: 30, start: 30, supervisor: change.supervisor ?? 30 };
  const login = {
    "kerio:sshHost": ssh.host,
    "kerio:sshPort": ssh.port,
    "kerio:sshUser": ssh.user,
    "kerio:sshPrivateKeyFile": ssh.privateKeyFile,
    "kerio:sshHostKey": ssh.hostKey,
  };
  const options: ProjectOptions = {
    program: program(body),
    config: {
      "kerio:url": adminUrl,
      "kerio:username": admin.user,
      "kerio:caFile": caFile,
      "kerio:timeouts": timeouts,
      ...(change.ssh === false ? {} : login),
      ...change.config,
    },
    ...(change.secrets ? { secrets: change.secrets } : {}),
    // Setting it as a secret costs a command of the engine; that it works is shown where secrets are the point.
    env: change.secrets?.["kerio:password"] === undefined ? { KERIO_PASSWORD: admin.password } : {},
  };
  return createProject(options);
}

/** The text of a program around its resources. */
export function program(body: string): string {
  return `const pulumi = require("@pulumi/pulumi");
const { User, Alias } = require("pulumi-kerio");
const domain = "${domain}";
${body}
`;
}

/** `pulumi up`, successful; the preview right after it is empty, as after each. */
export async function upQuietly(
  project: PulumiProject,
  body?: string,
  options: CommandOptions = {},
): Promise<CommandResult> {
  if (body !== undefined) await project.writeProgram(program(body));
  const result = await project.up(options);
  expect(result.code, result.text).toBe(0);
  return result;
}

/** `pulumi up`, refused; answers what was printed, line breaks and runs of spaces as one space. */
export async function upRefused(project: PulumiProject, body?: string, options: CommandOptions = {}): Promise<string> {
  if (body !== undefined) await project.writeProgram(program(body));
  const result = await project.up(options);
  expect(result.code, result.text).not.toBe(0);
  return plain(result.text);
}

/** `pulumi preview`, refused. */
export async function previewRefused(project: PulumiProject, body: string): Promise<string> {
  await project.writeProgram(program(body));
  const result = await project.preview();
  expect(result.code, result.text).not.toBe(0);
  return plain(result.text);
}

/** The engine breaks and indents what it prints. */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** The URN of a user by its logical name. */
export function urnOf(logicalName: string): string {
  return `urn:pulumi:test::project::pulumi-nodejs:dynamic/kerio:User::${logicalName}`;
}
