/** A rename as it is planned: between two names of one domain, starting from an account that was found. */
export interface PlannedRename {
  domain: string;
  /** Local part, in lower case. */
  from: string;
  /** Local part, in lower case. */
  to: string;
  /** The server's id of the account that bears `from`. */
  oldId: string;
}

/** An account of the server, as far as its name stands in the way. */
export interface Bearer {
  id: string;
  domain: string;
  /** Local part, in lower case. */
  name: string;
  /** What a person calls it. */
  label: string;
}

/** How one rename is carried out. */
export interface Role {
  /**
   * The account that bears the new name and is renamed by this plan, by its id. The mailbox is parked while the service
   * is stopped, and placed when that account is gone. Without it the new name is free: the account comes first.
   */
  after?: string;
  /**
   * Whether this account takes a temporary name first, so that a circle of names has an end to begin from: the person
   * has an account at every moment.
   */
  cut: boolean;
}

/** What can be done together, and what cannot. */
export interface Plan {
  roles: Map<PlannedRename, Role>;
  /** Why a rename cannot be done, a whole sentence with the names involved. */
  refusals: Map<PlannedRename, string>;
}

/**
 * Plans the renames that are to share one stop of the service. A name that a live account bears is taken only when that
 * account is renamed by the same plan; whoever waits for somebody who is refused is refused too.
 *
 * @param barred renames that are refused for reasons of their own; whoever waits for one of them is refused
 */
export function planRenames(
  renames: readonly PlannedRename[],
  accounts: readonly Bearer[],
  barred: ReadonlySet<PlannedRename> = new Set(),
): Plan {
  const refusals = new Map<PlannedRename, string>();
  const bySource = new Map<string, PlannedRename>();
  const targets = new Map<string, PlannedRename>();
  for (const rename of renames) {
    if (barred.has(rename)) continue;
    const rival = targets.get(key(rename.domain, rename.to));
    if (bySource.has(rename.oldId)) refusals.set(rename, twice(rename));
    else if (rival) refusals.set(rename, sameTarget(rename, rival));
    else {
      bySource.set(rename.oldId, rename);
      targets.set(key(rename.domain, rename.to), rename);
    }
  }
  const bearers = new Map(accounts.map((account) => [key(account.domain, account.name), account]));
  const standsInTheWay = (rename: PlannedRename): Bearer | undefined => {
    const bearer = bearers.get(key(rename.domain, rename.to));
    return bearer?.id === rename.oldId ? undefined : bearer;
  };
  const planned = new Set(bySource.values());
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const rename of planned) {
      const bearer = standsInTheWay(rename);
      const mover = bearer && bySource.get(bearer.id);
      if (!bearer || (mover && planned.has(mover))) continue;
      const isBarred = mover !== undefined || renames.some((other) => other.oldId === bearer.id);
      refusals.set(rename, isBarred ? waitsForRefused(rename, bearer) : staysTaken(rename, bearer));
      planned.delete(rename);
      isSettled = false;
    }
  }
  const roles = new Map<PlannedRename, Role>();
  for (const rename of planned) roles.set(rename, { after: standsInTheWay(rename)?.id, cut: false });
  for (const cut of cuts(planned, roles, bySource)) roles.set(cut, { ...roles.get(cut), cut: true });
  return { roles, refusals };
}

/** One of each circle: the one whose name comes first, so that the same program is planned alike each time. */
function cuts(
  planned: Set<PlannedRename>,
  roles: Map<PlannedRename, Role>,
  bySource: Map<string, PlannedRename>,
): PlannedRename[] {
  const found: PlannedRename[] = [];
  const seen = new Set<PlannedRename>();
  for (const start of planned) {
    const path: PlannedRename[] = [];
    let at: PlannedRename | undefined = start;
    while (at && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = bySource.get(roles.get(at)?.after ?? "");
    }
    const circle = at && path.includes(at) ? path.slice(path.indexOf(at)) : [];
    const [first] = circle.sort((one, other) => (one.from < other.from ? -1 : 1));
    if (first) found.push(first);
  }
  return found;
}

/** What a rename waits for, by the keys of other renames. */
export interface Links {
  /** Its old account's name is awaited by others under this key. */
  readonly key: string;
  /** The rename whose old account bears the new name. */
  readonly after?: string;
  /** The rename whose new account is this one's old account. */
  readonly follows?: string;
}

/** Orders what waits for each other: everything in one wave can be done together, once the waves before it are done. */
export function inWaves<T>(all: readonly T[], linksOf: (one: T) => Links): T[][] {
  const byKey = new Map(all.map((one) => [linksOf(one).key, one]));
  const depths = new Map<T, number>();
  const depthOf = (one: T, path: readonly T[]): number => {
    const known = depths.get(one);
    if (known !== undefined) return known;
    const { after, follows } = linksOf(one);
    const awaited = [after, follows].flatMap((name) => {
      const other = name === undefined ? undefined : byKey.get(name);
      // A circle has been cut when it was planned; one that has not been must not keep us here for ever.
      return other && !path.includes(other) ? [depthOf(other, [...path, one])] : [];
    });
    const depth = awaited.length === 0 ? 0 : Math.max(...awaited) + 1;
    depths.set(one, depth);
    return depth;
  };
  const waves: T[][] = [];
  for (const one of all) (waves[depthOf(one, [one])] ??= []).push(one);
  return waves.filter((wave) => wave !== undefined);
}

/** What to do about a plan whose other half the engine has not begun. */
export const allAtOnce =
  "set PULUMI_PARALLEL (or --parallel) to at least the number of resources that change, and run `pulumi up` again";

function twice({ domain, from }: PlannedRename): string {
  return `Two resources of this update rename the account ${from}@${domain}; remove renamedFrom from one of them.`;
}

function sameTarget({ domain, to, from }: PlannedRename, rival: PlannedRename): string {
  return `Two resources of this update take the name ${to}@${domain}: ${rival.from} and ${from} are both to become ${to}.`;
}

function staysTaken({ domain, to }: PlannedRename, bearer: Bearer): string {
  return (
    `${to}@${domain} is the account of ${bearer.label}, whose own rename has not come with this one. If this program renames ` +
    `${to} too, both must come together: ${allAtOnce}. Otherwise choose another name.`
  );
}

function waitsForRefused({ domain, to }: PlannedRename, bearer: Bearer): string {
  return `${to}@${domain} is the account of ${bearer.label}, whose own rename is refused, so the name does not become free.`;
}

function key(domain: string, name: string): string {
  return `${domain.toLowerCase()}/${name.toLowerCase()}`;
}
