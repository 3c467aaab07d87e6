// A slice of the soak in the normal suite; `npm run test:soak:threads` makes ten million.
import path from "node:path";
import { expect, it } from "vitest";
import { runNode } from "../helpers/run-node.ts";

it("5,000 mixed requests settle once each, and leave nothing", async () => {
  const run = path.join(import.meta.dirname, "run.mjs");
  const { stdout, stderr, status } = await runNode([run, "mixed", "5000"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ count: 5_000, leaks: [] });
  expect(status).toBe(0);
});
