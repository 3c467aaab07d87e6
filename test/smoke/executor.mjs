// An executor on whatever runtime runs this: calls, errors, a session with a state of its own, a stream that is left early,
// a call that is cancelled, and the module's hooks. It is its own module, so nothing else has to be found.
import assert from "node:assert/strict";
import nodeFs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isMainThread, threadId } from "node:worker_threads";

let thread;
let state = 0;
let cursors = 0;
const log = (line) =>
  nodeFs.appendFileSync(path.join(thread.data.folder, "log"), `${line}\n`);

export function open(given) {
  thread = given;
  log("open");
}
export const close = () => log("close");
export const reset = () => {
  state = 0;
  log("reset");
};
export const add = (number) => (state += number);
export const cursorCount = () => cursors;
export const whichThread = () => threadId;
export const moved = (bytes) => thread.move(new Uint8Array(bytes).fill(7));
export const fails = () => {
  throw Object.assign(new RangeError("too far"), { code: "E_FAR", limit: 3 });
};
export function* numbers(from) {
  cursors++;
  try {
    for (let i = from; ; i++) yield i;
  } finally {
    cursors--;
  }
}
export function untilCancelled() {
  nodeFs.writeFileSync(path.join(thread.data.folder, "running"), "");
  const { signal } = thread;
  while (!signal.aborted) Atomics.wait(signal.flag, 0, 0, 1000);
  log("cancelled");
}

async function main() {
  const { eio } = await import("node-eio");
  const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), "eio-executor-"));
  const data = { folder };
  const executor = eio.executor(new URL(import.meta.url), { threads: 2, data });

  assert.notEqual(await executor.call("whichThread"), threadId);
  const bytes = await executor.call("moved", [1_000_000]);
  assert.deepEqual([bytes.length, bytes[999_999]], [1_000_000, 7]);
  await assert.rejects(executor.call("fails"), (error) => {
    const { name, message, code, limit } = error;
    assert.ok(error instanceof RangeError);
    assert.deepEqual(
      { name, message, code, limit },
      { name: "RangeError", message: "too far", code: "E_FAR", limit: 3 },
    );
    return true;
  });

  const sessions = await Promise.all([executor.session(), executor.session()]);
  const sums = sessions.map(async (session) => {
    await session.call("add", [1]);
    return session.call("add", [2]);
  });
  assert.deepEqual(await Promise.all(sums), [3, 3]);
  const threads = sessions.map((session) => session.call("whichThread"));
  assert.equal(new Set(await Promise.all(threads)).size, 2);
  await sessions[1].end();

  const seen = [];
  for await (const number of sessions[0].stream("numbers", [5])) {
    seen.push(number);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, [5, 6, 7]);
  assert.equal(await sessions[0].call("cursorCount"), 0);
  await sessions[0].end();

  const controller = new AbortController();
  const { signal } = controller;
  const cancelled = executor.call("untilCancelled", [], { signal });
  const abortWhenItRuns = async () => {
    while (!nodeFs.existsSync(path.join(folder, "running")))
      await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
  };
  const rejected = assert.rejects(cancelled, { name: "AbortError" });
  await Promise.all([rejected, abortWhenItRuns()]);
  await executor.close();

  const lines = nodeFs.readFileSync(path.join(folder, "log"), "utf8");
  const count = (line) =>
    lines.split("\n").filter((one) => one === line).length;
  assert.equal(count("open"), 2);
  assert.equal(count("close"), 2);
  assert.equal(count("cancelled"), 1);
  // Once for each session, and once for the call that was cancelled while it ran.
  assert.equal(count("reset"), 3);
  nodeFs.rmSync(folder, { recursive: true });
  console.log("smoke ok, an executor");
}

if (isMainThread) await main();
