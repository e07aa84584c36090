import { delivers } from "./delivery-address";
import type { RenameRecord } from "./snapshot";
import type { UserRequest } from "./user-request";

/**
 * Lets the extra addresses that a program declares now take the place of those that an open rename was begun with: one
 * that the server refuses for good would keep the rename open, although the program no longer asks for it.
 */
export function heedAddresses(record: RenameRecord, { declared }: UserRequest): void {
  const member = "emailAddresses";
  const wasDeclared = record.declared.includes(member);
  const own = wasDeclared ? record.before.emailAddresses : record.emailAddresses;
  const wanted = declared.emailAddresses ?? own ?? [];
  record.emailAddresses = wanted.filter((address) => !delivers(address, record.to, record.domain));
  record.declared = record.declared.filter((one) => one !== member);
  if (declared.emailAddresses !== undefined) record.declared.push(member);
}
