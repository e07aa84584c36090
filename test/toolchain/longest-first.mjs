import { BaseSequencer } from "vitest/node";

/** Files that take minutes, those that take most of them first: begun last, one would leave the other processor idle. */
const longest = [
  /\/test\/model\//,
  /\/switches\/one-at-a-time/,
  /\/switches\/pairwise/,
  /\/crash\/share-/,
  /\/host\/supervisor\.recovery\.test/,
  /\/rename\/(meanwhile|between-runs|own-alias|interim-alias|seats|late-mail)\.test/,
  /\/simulator-engine\/load\.test/,
  /\/resources\/user-rename\.test/,
  /\/flow\/exchanges\.test/,
  /\/rename\/chains-crash\.test/,
  /\/engine\/crash\.test/,
  /\/engine\/(names|unheard|options)\.test/,
  /\/demo\/demo\.engine\.test/,
  /\/security\/\w+\.engine\.test/,
];

const rankOf = ({ moduleId }) => longest.findIndex((pattern) => pattern.test(moduleId));

/** Vitest's own order, with the longest files first. */
export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files);
    const long = sorted.filter((file) => rankOf(file) >= 0).sort((one, other) => rankOf(one) - rankOf(other));
    return [...long, ...sorted.filter((file) => rankOf(file) < 0)];
  }
}
