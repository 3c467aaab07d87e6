// Which tests belong to a folder or file of the sources: those in the same place below test/.
import fs from "node:fs";
import path from "node:path";

const places = [
  [/^src(?=\/|$)/, "test"],
  [/^native-aio(\/.*)?$/, "test/native"],
  [/^workers(\/.*)?$/, "test/workers"],
  [/^(packages\/[^/]+)\/src(?=\/|$)/, "$1/test"],
];

/**
 * A filter for vitest. A source without a test file of its own stands for the tests of its folder; what is no
 * source is taken as it is.
 */
export function testsOf(root, argument) {
  const name = path.normalize(argument).replace(/\/$/, "");
  const [from, to] = places.find(([from]) => from.test(name)) ?? [];
  if (from === undefined || !fs.existsSync(path.join(root, name)))
    return argument;
  const place = name.replace(from, to);
  const candidates = [place.replace(/\.ts$/, ".test.ts"), place];
  const found = candidates.find((one) => fs.existsSync(path.join(root, one)));
  if (found === undefined) return `${path.dirname(place)}/`;
  return found.endsWith(".ts") ? found : `${found}/`;
}
