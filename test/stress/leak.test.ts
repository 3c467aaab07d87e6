// A slice of the leak run in the normal suite; `npm run test:leak` makes a million.
import path from "node:path";
import { expect, it } from "vitest";
import { runNode } from "../helpers/run-node.ts";

it("20,000 mixed requests leave nothing behind", async () => {
  const run = path.join(import.meta.dirname, "run.mjs");
  const { stdout, stderr, status } = await runNode([run, "leak", "20000"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ total: 20_000, leaks: [] });
  expect(status).toBe(0);
});
