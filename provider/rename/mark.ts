/** A rename that is under way, as the account tells that it has made. */
export interface Mark {
  /** Local part of the old address. */
  from: string;
  /** Local part of the new address. */
  to: string;
}

const form = /\[pulumi-kerio [0-9a-f]+\] (\S+) is being renamed to (\S+); do not change or remove this account/;

/**
 * Reads the mark that a rename leaves in the description of the account that it makes, until it is over.
 *
 * @returns undefined for the description of any other account
 */
export function markOf(description: string | undefined): Mark | undefined {
  const [, from, to] = form.exec(description ?? "") ?? [];
  return from === undefined || to === undefined ? undefined : { from, to };
}
