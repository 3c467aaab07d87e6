// Slices of the stress programs in the normal suite; `npm run test:stress` makes more of each.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";

const { uring } = listBackends();
const skip = uring.available ? false : uring.reason;

function run(...args: string[]): unknown {
  const program = path.join(import.meta.dirname, "run.mjs");
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [program, ...args],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(skip)("uring", () => {
  it("ends in every way with 1,000 requests in flight", () => {
    const found = run("endings", "2", "1000") as {
      before: { descriptors: number };
      after: { descriptors: number };
    };
    expect(found).toMatchObject({ rounds: 2, wrong: [] });
    expect(found.after.descriptors).toBe(found.before.descriptors);
  });

  it("leaves nothing after opening and closing 60 times", () => {
    expect(run("cycles", "60")).toMatchObject({ leaks: [] });
  });

  it("serves several threads of several processes", () => {
    const found = run("crowd", "2", "2", "500");
    expect(found).toMatchObject({ codes: [0, 0] });
  });

  it("takes less than 1500 bytes of heap per waiting request", () => {
    const found = run("waiting", "5000") as {
      bytesPerRequest: { heapUsed: number };
    };
    expect(found.bytesPerRequest.heapUsed).toBeLessThan(1500);
  });
});
