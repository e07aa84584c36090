/** The enumerations of queries, lists and sizes, which every interface of the administration shares. */
const shared = {
  SortDirection: ["Asc", "Desc"],
  CompareOperator: ["Eq", "NotEq", "LessThan", "GreaterThan", "LessEq", "GreaterEq", "Like"],
  LogicalOperator: ["Or", "And"],
  ByteUnits: ["Bytes", "KiloBytes", "MegaBytes", "GigaBytes", "TeraBytes", "PetaBytes"],
};

/** The constants by the names that clients of the time of 7.x used, such as `kerio_web_Asc`. */
export const namedConstants = Object.values(shared)
  .flat()
  .map((value) => ({ name: `kerio_web_${value}`, value }));
