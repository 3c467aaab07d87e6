// What each file of tests gave in each run, kept in a file of lines, so that runs that were cut short go on where they
// were. It does not know what the outcomes mean.
import fs from "node:fs";

const END = " .";

/**
 * @param {string} file "" keeps nothing
 * @returns {{get: (...key: unknown[]) => Map<string, boolean> | undefined, add: (outcomes: Map<string, boolean>, ...key: unknown[]) => void}}
 */
export function openRecord(file) {
  const kept = new Map();
  if (file !== "" && fs.existsSync(file))
    for (const line of fs.readFileSync(file, "utf8").split("\n")) {
      // One whose run was killed is half a line.
      if (!line.endsWith(END)) continue;
      const [key, outcomes] = JSON.parse(line.slice(0, -END.length));
      kept.set(JSON.stringify(key), new Map(outcomes));
    }
  return {
    get: (...key) => kept.get(JSON.stringify(key)),
    add(outcomes, ...key) {
      kept.set(JSON.stringify(key), outcomes);
      if (file === "") return;
      const line = JSON.stringify([key, [...outcomes]]);
      fs.appendFileSync(file, `\n${line}${END}`);
    },
  };
}
