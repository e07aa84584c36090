import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { readyTools } from "./pulumi-tools.mjs";

const prefix = "pulumi-kerio-test-";

/**
 * Before all tests: brings dist up to date, because workers, stand-in and plugin run from there and would be older than
 * the tests that ask them; names in the environment the directory of the Pulumi tools (PULUMI_KERIO_TOOLS, when there is
 * one without any work) and one temporary directory that the projects of this run share (PULUMI_KERIO_TEST_ROOT). After
 * them: removes that directory.
 */
export default async function setup() {
  await build();
  if (process.env.PULUMI_KERIO_TOOLS === undefined) {
    const { directory } = await readyTools();
    if (directory !== undefined) process.env.PULUMI_KERIO_TOOLS = directory;
  }
  await removeAbandoned();
  const root = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  process.env.PULUMI_KERIO_TEST_ROOT = root;
  return () => rm(root, { recursive: true, force: true, maxRetries: 5 });
}

/** Directories of test runs that were killed before they could tidy up. */
async function removeAbandoned() {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
