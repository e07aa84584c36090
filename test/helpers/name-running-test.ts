import { relative } from "node:path";
import { afterEach, beforeAll, beforeEach } from "vitest";
import { nameRunningTest } from "./asked-switches";

beforeAll(({ file }) => nameRunningTest({ file: pathOf(file.filepath) }));
beforeEach(({ task }) => nameRunningTest({ file: pathOf(task.file.filepath), test: fullName(task) }));
afterEach(({ task }) => nameRunningTest({ file: pathOf(task.file.filepath) }));

function pathOf(file: string): string {
  return relative(process.cwd(), file);
}

interface Named {
  name: string;
  suite?: Named | undefined;
}

function fullName({ name, suite }: Named): string {
  return suite === undefined || suite.name === "" ? name : `${fullName(suite)} ${name}`;
}
