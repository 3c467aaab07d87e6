// A slice of the soak in the normal suite; `npm run test:soak:threads` makes ten million.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";

it("5,000 mixed requests settle once each, and leave nothing", () => {
  const run = path.join(import.meta.dirname, "run.mjs");
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [run, "mixed", "5000"],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ count: 5_000, leaks: [] });
  expect(status).toBe(0);
});
