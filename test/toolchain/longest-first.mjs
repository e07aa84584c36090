import { BaseSequencer } from "vitest/node";

/** Files that take minutes: begun last, one of them would keep one processor busy and leave the other idle. */
const longest = [/\/test\/model\//, /\/crash\/share-/, /\/rename\/switches\//, /\/engine\/(crash|names|unheard)\.test/];

/** Vitest's own order, with the longest files first. */
export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const isLong = ({ moduleId }) => longest.some((pattern) => pattern.test(moduleId));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
