// Locks that nobody refers to any more: they are kept all the same, until the process ends.
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { rejects, witness } from "../sys/witness.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const folder = testFolder();
const F_WRLCK = 1;
const EAGAIN = -11;

/** Collections until it is gone, and some more: whatever it held is gone, too. */
async function collect(gone: () => boolean): Promise<void> {
  await until(() => (gc(), gone()));
  for (let i = 0; i < 10; i++) {
    gc();
    await turn();
  }
}

describe.skipIf(loadNative().addon === null)("a lock that is forgotten", () => {
  it("by lock() stays with its process when it is garbage-collected", async () => {
    const eio = createEio();
    onTestFinished(() => eio.close());
    const file = folder.join("lock");
    let isGone = false;
    const registry = new FinalizationRegistry(() => void (isGone = true));
    await eio.lock(file).then((lock) => registry.register(lock, null));
    await collect(() => isGone);
    expect(witness("try_ofd", file, F_WRLCK, 0, 0)).toBe(EAGAIN);
  });

  it("by an instance that is forgotten, too", async () => {
    const file = folder.join("other");
    let isGone = false;
    const registry = new FinalizationRegistry(() => void (isGone = true));
    await (async () => {
      const eio = createEio();
      registry.register(await eio.lock(file), null);
      await eio.close();
    })();
    await collect(() => isGone);
    expect(witness("try_ofd", file, F_WRLCK, 0, 0)).toBe(EAGAIN);
  });

  it("of a log keeps another writer out", async () => {
    const eio = createEio();
    onTestFinished(() => eio.close());
    const at = folder.join("log");
    let isGone = false;
    const registry = new FinalizationRegistry(() => void (isGone = true));
    await eio.appendLog(at).then((log) => registry.register(log, null));
    await collect(() => isGone);
    const other = createEio();
    onTestFinished(() => other.close());
    await rejects(other.appendLog(at), { code: "ERR_EIO_LOG_LOCKED" });
  });
});
