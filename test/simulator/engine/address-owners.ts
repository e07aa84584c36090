import { bearersOf, splitAddress } from "./addresses.js";
import type { Engine } from "./engine.js";
import type { User } from "./state.js";

/**
 * The accounts that an address is one of: by login name, extra address, or an alias that leads there. Several where
 * several aliases have one name; none for an address of elsewhere. What a wildcard catches is nobody's own address, and
 * neither forwarding nor a group makes one.
 */
export function addressOwners(engine: Engine, address: string): Set<User> {
  const owners = new Set<User>();
  const seen = new Set<string>();
  const follow = (next: string, homeDomain: string): void => {
    const { local, domainName } = splitAddress(next, homeDomain);
    const domain = engine.domainNamed(domainName);
    const key = `${local}@${domain?.name ?? ""}`;
    if (!domain || seen.has(key)) return;
    seen.add(key);
    const { takers, aliases } = bearersOf(engine, domain, local);
    if (aliases.length > 0 && (takers.length === 0 || engine.switches.of("alias-or-user") === "alias"))
      for (const { deliverTo } of aliases) follow(deliverTo, domain.name);
    else for (const user of takers) owners.add(user);
  };
  follow(address, engine.primaryDomain?.name ?? "");
  return owners;
}
