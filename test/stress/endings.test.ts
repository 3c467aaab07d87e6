// Slices of the stress programs in the normal suite; `npm run test:stress` makes more of each.
import path from "node:path";
import { describe, expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { times } from "../helpers/part.ts";
import { runNode } from "../helpers/run-node.ts";

const { uring } = listBackends();
const skip = uring.available ? false : uring.reason;

async function run(...args: string[]): Promise<unknown> {
  const program = path.join(import.meta.dirname, "run.mjs");
  const { stdout, stderr, status } = await runNode([program, ...args]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(skip)("uring", () => {
  it("ends in every way with 1,000 requests in flight", async () => {
    const rounds = times(2, 2);
    const found = (await run("endings", String(rounds), "1000")) as {
      before: { descriptors: number };
      after: { descriptors: number };
    };
    expect(found).toMatchObject({ rounds, wrong: [] });
    expect(found.after.descriptors).toBe(found.before.descriptors);
  });

  it("leaves nothing after opening and closing 60 times", async () => {
    expect(await run("cycles", "60")).toMatchObject({ leaks: [] });
  });

  it("serves several threads of several processes", async () => {
    const found = await run("crowd", "2", "2", "500");
    expect(found).toMatchObject({ codes: [0, 0] });
  });

  it("takes less than 1500 bytes of heap per waiting request", async () => {
    const found = (await run("waiting", "5000")) as {
      bytesPerRequest: { heapUsed: number };
    };
    expect(found.bytesPerRequest.heapUsed).toBeLessThan(1500);
  });
});
