// Mistakes in what follows logs; see table.mjs.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const tailing = [
  ...of(
    "src/api/tail/follower.ts",
    "test/api/tail/tail.test.ts",
    ["if (younger.every(({ size }) => size === 0)) return false;", ""],
    ["this.#leaving = true;\n    return true;", "return true;"],
  ),
  ...of("src/api/tail/known-files.ts", "test/api/tail/tail.test.ts", [
    "    this.#known.push(...added.slice(0, at + 1));\n",
    "",
  ]),
  ...of("src/api/tail/family.ts", "test/api/tail/family.test.ts", [
    "isSameOrNone(a.current, b.current) &&",
    "",
  ]),
  ...of("src/api/tail/member-files.ts", "test/api/tail/interleaved.test.ts", [
    "handle !== null && (await this.#isOf(handle, file))",
    "handle !== null",
  ]),
  ...of(
    "src/api/tail/follower.ts",
    "test/api/tail/interleaved.test.ts",
    ["if (!begins(bytes, before)) return null;", ""],
    ["if (!begins(still, before)) return null;", ""],
  ),
  ...of(
    "src/api/tail/beginning.ts",
    "test/api/tail/interleaved.test.ts",
    ["if (copy !== null) return [copy, fromStart(same)];", ""],
    ["await known.recall(files, place);", "await known.learn(files);"],
  ),
  ...of("src/api/tail/family.ts", "test/api/tail/interleaved.test.ts", [
    "name === b.names[i] && isSameOrNone(a.members[i]!, b.members[i]!),",
    "true,",
  ]),
  ...of("src/api/tail/family.ts", "test/api/tail/tail.test.ts", [
    "return isCounter(a) && isCounter(b) ? -order : order;",
    "return order;",
  ]),
];
