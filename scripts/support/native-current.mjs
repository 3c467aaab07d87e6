// Whether a binary of the C core is newer than all that it is made of. It does not know how it is made.
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * @param {string} file
 * @param {string[]} [more] other files that it depends on, relative to the project
 */
export function isCurrent(file, more = []) {
  const made = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = fs.readdirSync(path.join(root, "native-aio/src"));
  return [
    ...sources.map((source) => path.join("native-aio/src", source)),
    "scripts/build-native.mjs",
    ...more,
  ].every((source) => fs.statSync(path.join(root, source)).mtimeMs < made);
}
