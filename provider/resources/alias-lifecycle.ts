import { checkFields, diffFields } from "../dynamic/fields";
import { refusal } from "../dynamic/failures";
import type { Checked, Context, Difference, Lifecycle, Properties } from "../dynamic/lifecycle";
import { hasUnknown } from "../dynamic/unknowns";
import { without } from "../dynamic/without";
import { holderIn } from "./holder-in";
import { createAlias, deleteAlias, readAlias, updateAlias } from "./alias-calls";
import { claimedByUser, leftByRename, warnOfBearer } from "./alias-bearers";
import { aliasFields, sameDelivery } from "./alias-fields";

async function checkAlias(context: Context, olds: Properties, news: Properties): Promise<Checked> {
  const { inputs: checked, failures } = checkFields(aliasFields, without(news, "address"));
  const inputs: Record<string, unknown> = { ...checked };
  const { server = "", domain, name, logicalName = "" } = inputs;
  const known = typeof domain === "string" && typeof name === "string" && !hasUnknown([server, domain, name]);
  if (failures.length > 0 || !known) return { inputs, failures };
  inputs["address"] = `${name}@${domain}`;
  const claim = { kind: "alias", server: String(server), domain, name };
  const holder = context.memory.declare(claim, String(logicalName));
  if (holder !== undefined)
    failures.push(
      refusal(
        `name: the alias ${name}@${domain} is claimed by two resources, "${holder}" and "${String(logicalName)}". Remove one of them.`,
      ),
    );
  const { deliverTo } = inputs;
  const isNew = olds["name"] !== name;
  if (sameDelivery(deliverTo, name, domain) && (isNew || !sameDelivery(olds["deliverTo"], name, domain)))
    failures.push(
      refusal(
        `deliverTo: ${name}@${domain} is the alias's own address. Remove the alias; to send somebody's mail on and keep it, ` +
          "use the user's forwarding.",
      ),
    );
  const wanted = { server: String(server), domain, name };
  const contradiction = failures.length === 0 ? await claimedByUser(context, wanted, isNew) : undefined;
  if (contradiction !== undefined) failures.push(refusal(contradiction));
  if (failures.length === 0 && isNew && typeof deliverTo === "string" && !hasUnknown(deliverTo)) {
    const left = leftByRename(context, { ...wanted, deliverTo });
    if (left !== undefined) failures.push(refusal(left));
    else await warnOfBearer(context, { ...wanted, deliverTo });
  }
  return { inputs, failures };
}

/** Fields that differ; two spellings of one target do not. */
export function compareAlias(olds: Properties, news: Properties) {
  const differing = diffFields(aliasFields, olds, news);
  const same = sameDelivery(olds["deliverTo"], news["deliverTo"], String(news["domain"]));
  const updates = differing.updates.filter((name) => name !== "deliverTo" || !same);
  const respelled = same && olds["deliverTo"] !== news["deliverTo"];
  return {
    ...differing,
    updates,
    remembered: respelled ? [...differing.remembered, "deliverTo"] : differing.remembered,
  };
}

async function diffAlias(context: Context, id: string, olds: Properties, news: Properties): Promise<Difference> {
  const { holders } = context.memory;
  if (olds["logicalName"] !== news["logicalName"]) holders.release(id, holderIn(olds));
  holders.hold(id, { ...holderIn(news), server: holderIn(olds).server });
  const { replaces, updates, remembered } = compareAlias(olds, news);
  const changes = replaces.length > 0 || updates.length > 0 || remembered.length > 0;
  const known = replaces.filter((name) => !hasUnknown(news[name]));
  if (known.includes("name")) context.memory.leaveAlias(id);
  return { changes, replaces: known };
}

/** What is to be written. The engine asks for an update without any difference only where the last one stopped half-way. */
function toWrite(olds: Properties, news: Properties): string[] {
  const { updates, remembered } = compareAlias(olds, news);
  return updates.length + remembered.length === 0 ? ["deliverTo", "description"] : updates;
}

/** What an alias does in each step of its life. */
export const aliasLifecycle = {
  check: checkAlias,
  diff: diffAlias,
  create: createAlias,
  read: readAlias,
  update: (context, id, olds, news) => updateAlias(context, id, olds, news, toWrite(olds, news)),
  delete: deleteAlias,
} satisfies Lifecycle;
