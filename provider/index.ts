/** The public surface of the package. */
export { Alias, type AliasArgs } from "./resources/alias";
export type { ContactArgs, PostalAddressArgs } from "./resources/contact";
export { User } from "./resources/user";
export type { CleanOutArgs, ForwardingArgs, RoleArgs, UserArgs } from "./resources/user-args";
export { KerioError, errorCodes, type ErrorCode } from "./errors";
