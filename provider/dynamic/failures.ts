import { codeOf, messageOf } from "../errors";
import type { Failure, Properties } from "./lifecycle";

/** A failure that names no property: its reason is all that is printed. */
export function refusal(reason: string): Failure {
  return { property: "", reason };
}

/** Whether an error is the user's or the server's affair, so that its message alone tells what to do. */
export function isExpected(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && code !== "INTERNAL";
}

/**
 * The error in the form in which the plugin host prints it best: the host writes `${error}: ${error.stack}` for some
 * methods, so the stack of an expected error holds nothing more than where to read on.
 */
export function presentable(error: unknown, doing: string): Error {
  if (isExpected(error)) {
    const plain = new Error(messageOf(error));
    plain.name = "pulumi-kerio";
    plain.stack = "see the diagnostics";
    return plain;
  }
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Error(`pulumi-kerio met a defect of its own while ${doing}; please report it. ${cause}`, { cause: error });
}

/** The form in which the plugin host recognises a resource that exists but is not finished. */
export function partialFailure(id: string, properties: Properties, reasons: string[]): Error {
  return Object.assign(new Error(reasons.join(" ")), { id, properties, reasons });
}
