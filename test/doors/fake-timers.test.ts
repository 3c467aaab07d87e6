// What replaces ticks and timers (sinon, Jest, node:test) stops nothing of ours: requests complete while
// they are replaced, and after. The program is a process of its own, on the built package.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const run = promisify(execFile);
const program = new URL("../helpers/fake-timers.mjs", import.meta.url);
const dist = new URL("../../dist", import.meta.url);
const gate = new Gate(testFolder(), "gate");
const backends = Object.entries(listBackends())
  // The thread that calls reads a pipe through Node's own pool, which a hung read keeps from exiting.
  .filter(
    ([name, { available }]) => available && !["null", "node"].includes(name),
  )
  .map(([name]) => name);

const cases = ["byHand", "byNodeTest"].flatMap((fakes) =>
  ["unused", "inUse"].map((since) => `${fakes} ${since}`),
);

it.concurrent.each(backends)(
  "requests complete while timers are replaced, by instances that are used and by new ones (%s)",
  async (backend) => {
    const env = { ...process.env, NODE_EIO_BACKEND: backend };
    const { stdout } = await run(
      process.execPath,
      [program.pathname, dist.pathname, gate.path],
      { env, timeout: 100_000 },
    );
    const lines = cases.flatMap((one) => [
      `${one}: callback,promise,timeout ETIMEDOUT`,
      "restored",
    ]);
    expect(stdout.trim().split("\n")).toEqual(lines);
  },
);
