/**
 * How many users may be enabled, as the count of a domain and the page about the product have it. The definition names
 * `limit` and `allowedUsers` beside each other and not in what they differ: both are the number.
 */
export function userLimit(limit: number, limitType: "DomainLimit" | "LicenseLimit") {
  return { isUnlimited: false, allowedUsers: limit, limit, limitType };
}
