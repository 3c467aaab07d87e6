// docs/benchmarks.md, its picture and README's headline are what the generator makes of the saved results.
import { expect, it } from "vitest";
import { runNode } from "../helpers/run-node.ts";

it("the generated documents are up to date", async () => {
  const { status, stderr } = await runNode([
    "scripts/benchmarks.mjs",
    "--check",
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
