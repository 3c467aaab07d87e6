// The documentation names what can be observed: the channels that the code publishes on, and no others. What is published on them is not
// known here.
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string =>
  fs.readFileSync(path.join(root, name), "utf8");

it("lists every diagnostics channel of the code, and no other", () => {
  const sources = fs
    .readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => read(`src/${name}`));
  const published = sources.flatMap((text) =>
    [...text.matchAll(/\bchannel\(\s*"([^"]+)"/g)].map(([, name]) => name!),
  );
  const [, section = ""] =
    /## Events: diagnostics channels\n([^]*?)\n## /.exec(
      read("docs/observability.md"),
    ) ?? [];
  const listed = [...section.matchAll(/^\| `(node-eio:[\w:]+)`/gm)].map(
    ([, name]) => name!,
  );
  expect(published.length).toBeGreaterThan(3);
  expect(listed.toSorted()).toEqual([...new Set(published)].toSorted());
});

it("says how many requests are timed as the code does", async () => {
  const { SAMPLE_EVERY } = await import("../../src/engine/metrics.ts");
  expect(read("docs/observability.md")).toContain(
    `one request in this many is timed: ${SAMPLE_EVERY}, or 1 while`,
  );
});
