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

it.each(
  backends.flatMap((backend) =>
    ["byHand", "byNodeTest"].flatMap((fakes) =>
      ["unused", "inUse"].map((since) => ({ backend, fakes, since })),
    ),
  ),
)(
  "requests complete while timers are replaced $fakes ($backend, $since before)",
  async ({ backend, fakes, since }) => {
    const env = { ...process.env, NODE_EIO_BACKEND: backend };
    const { stdout } = await run(
      process.execPath,
      [program.pathname, dist.pathname, fakes, since, gate.path],
      { env, timeout: 100_000 },
    );
    expect(stdout).toBe("callback,promise,timeout ETIMEDOUT\nrestored\n");
  },
);
