// docs/benchmarks.md, its picture and README's headline are what the generator makes of the saved results, and
// the generator makes what it should of results that are made up.
import { expect, it } from "vitest";
import { picture } from "../../scripts/benchmarks-picture.mjs";
import { outcome, subjects } from "../../packages/bench/test/rows.ts";
import { runNode } from "../helpers/run-node.ts";

it("the generated documents are up to date", async () => {
  const { status, stderr } = await runNode([
    "scripts/benchmarks.mjs",
    "--check",
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}, 120_000);

it("the picture has a bar for each subject that does something", () => {
  const { pool, idle, promises } = subjects;
  const one = outcome([
    [pool, [200, 210, 190]],
    [promises, [100, 110, 90]],
    [idle, [1000, 1000, 1000]],
  ]);
  const svg = picture([
    { outcomes: [{ ...one, title: "reads & <writes>" }] },
  ]) as string;
  expect(svg.match(/<rect /g)).toHaveLength(2);
  expect(svg).toContain("reads &amp; &lt;writes>, operations a second");
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(
    ([, width]) => Number(width),
  );
  expect(widths[0]! / widths[1]!).toBeCloseTo(2, 1);
  expect(picture([])).toBeNull();
});
