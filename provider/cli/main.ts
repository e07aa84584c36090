#!/usr/bin/env node
import { codeOf, messageOf } from "../errors";
import { readArguments, usage, UsageError } from "./arguments";
import { createOutput } from "./output";
import { recover } from "./recover";
import { status } from "./status";
import { version } from "./version";

/** Carries out one command line and answers its exit code. */
async function main(line: string[]): Promise<number> {
  const args = readArguments(line);
  switch (args.command) {
    case "help":
      process.stdout.write(usage);
      return 0;
    case "version":
      process.stdout.write(`${version()}\n`);
      return 0;
    case "status":
      return status(args, createOutput(args.json));
    case "recover":
      return recover(args, createOutput(args.json));
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UsageError) {
      process.stderr.write(`pulumi-kerio: ${error.message}\n\n${usage}`);
      process.exitCode = 2;
      return;
    }
    const isExpected = codeOf(error) !== undefined && codeOf(error) !== "INTERNAL";
    process.stderr.write(isExpected ? `${messageOf(error)}\n` : `A defect; please report it: ${stackOf(error)}\n`);
    process.exitCode = 1;
  },
);

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
