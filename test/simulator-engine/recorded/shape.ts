/** Ids that a request needs to name something that is there. */
export interface Known {
  domainId: string;
  userId: string;
  groupId: string;
  listId: string;
  resourceId: string;
  serviceId: string;
  /** A file that was uploaded. */
  fileId: string;
  /** What nothing else needs, to be removed. */
  spare: { userId: string; aliasId: string; groupId: string; listId: string; resourceId: string };
}

/** One request of a method and its answer, as public sources show them: values stand for their types. */
export interface RecordedShape {
  method: string;
  params: Record<string, unknown>;
  answer: object;
}

/** Puts the three together. */
export function shape(method: string, params: Record<string, unknown>, answer: object): RecordedShape {
  return { method, params, answer };
}

/** A file to fetch. */
export const download = { fileDownload: { url: "", name: "", length: 0 } };
/** The answer of a bulk create. */
export const created = { errors: [], result: [{ inputIndex: 0, id: "" }] };
/** The answer of a bulk call that nothing was refused in. */
export const done = { errors: [] };
/** The answer of a bulk call whose one item was refused. */
export const refused = {
  errors: [{ inputIndex: 0, code: 0, message: "", messageParameters: { positionalParameters: [""], plurality: 1 } }],
};
/** A query with every member. */
export const all = { fields: [], conditions: [], combining: "Or", start: 0, limit: -1, orderBy: [] };
/** The answer of a list that may be empty. */
export const anyList = { list: [], totalItems: 0 };
