// docs/first-hour.md can be typed as it stands: ten tasks, with the files and commands of each, and what is seen. That it is seen is for
// `npm run test:first-hour` to say.
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { blocksOf, sameAs } from "../first-hour/blocks.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const text = fs.readFileSync(path.join(root, "docs/first-hour.md"), "utf8");

it("the first hour has ten tasks, each of which shows what is seen", () => {
  const tasks = blocksOf(text);
  expect(tasks).toHaveLength(10);
  for (const { title, blocks } of tasks) {
    const kinds = blocks.map(({ kind }) => kind);
    expect(kinds, title).toContain("commands");
    expect(kinds.at(-1), title).toBe("output");
    expect(blocks.at(-1)!.body.trim(), title).not.toBe("...");
  }
});

it("a file that has no name is refused", () => {
  expect(() => blocksOf("## A\n```js\nlet a;\n```\n")).toThrow(/its name/);
});

it("what is shown is what is seen, but for what stands for anything", () => {
  expect(sameAs("one\n...\nthree (3)\n", "one\ntwo\n2\nthree (3)\n")).toBe(
    true,
  );
  expect(sameAs("one ... three", "one two three four")).toBe(false);
  expect(sameAs("a.c", "abc")).toBe(false);
});
