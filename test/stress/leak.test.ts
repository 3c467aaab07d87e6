// A slice of the leak run in the normal suite; `npm run test:leak` makes a million.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";

it("20,000 mixed requests leave nothing behind", () => {
  const run = path.join(import.meta.dirname, "run.mjs");
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [run, "leak", "20000"],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ total: 20_000, leaks: [] });
  expect(status).toBe(0);
});
