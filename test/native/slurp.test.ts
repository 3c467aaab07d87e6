// Whole files that nowait finds to be regular and not in memory, which the ring reads: what is in them, what
// becomes of them when they change meanwhile, and that nothing of it stays open. A fault makes "not in memory".
import { fault, noFaults, noMoreFaults, struck } from "../helpers/faults.ts";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  send,
  until,
} from "../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";
import { plainEnv } from "../helpers/sanitizers.ts";

const ALWAYS = 1 << 30;
const [EINTR, EIO, EAGAIN] = [-4, -5, -11] as const;
const folder = testFolder();
const content = Buffer.from(
  Array.from({ length: 60_000 }, (_, i) => (i * 31 + (i >> 9)) & 255),
);
const small = folder.file("small", content.subarray(0, 3000));

const { uring } = listBackends();
const skip = noFaults ?? (uring.available ? null : uring.reason);

describe.skipIf(skip !== null)("a file that is not in memory", () => {
  let eio: Eio;
  beforeEach(() => {
    eio = createEio({ backend: "uring" });
    fault("read_nowait", EAGAIN, ALWAYS);
  });
  afterEach(async () => {
    noMoreFaults();
    await eio.close();
    await closeEngines();
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it.each(["slurp", "read"] as const)(
    "%s goes to nowait, the ring, the threads",
    (op) => {
      expect(eio.why(op).goes).toEqual(["nowait", "uring", "threads", "pool"]);
    },
  );

  it.each([0, 1, 3000, 8000, 8191])(
    "of %d bytes is read by the ring",
    async (bytes) => {
      const file = folder.file(`of-${bytes}`, content.subarray(0, bytes));
      for (let i = 0; i < 20; i++) {
        const found = await eio.promises.readFile(file);
        expect(found.equals(content.subarray(0, bytes))).toBe(true);
      }
      expect(eio.nthreads).toBe(0);
    },
  );

  it("may be one of many, or large", async () => {
    const large = folder.file("large", content);
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        eio.promises.readFile(i % 2 === 0 ? small : large),
      ),
    );
    for (const [i, data] of found.entries())
      expect(
        data.equals(content.subarray(0, i % 2 === 0 ? 3000 : 60_000)),
      ).toBe(true);
  });

  it.each([
    ["comes up short", 7],
    ["fails", EIO],
    ["would wait", EAGAIN],
  ])("is the pool's, from the start, when the read %s", async (_, outcome) => {
    fault("ring_result", outcome);
    expect((await eio.promises.readFile(small)).length).toBe(3000);
    expect(struck("ring_result")).toBe(1);
    expect(eio.nthreads).toBeGreaterThan(0);
  });

  it("goes to the pool, by its own path, when a part of it was in memory", async () => {
    noMoreFaults();
    fault("read_nowait", 100);
    const found = await eio.promises.readFile(small);
    expect(found.equals(content.subarray(0, 3000))).toBe(true);
    expect(struck("read_nowait")).toBe(1);
  });

  it("is read again when the read was interrupted", async () => {
    fault("ring_result", EINTR, 2);
    const found = await eio.promises.readFile(small);
    expect(found.equals(content.subarray(0, 3000))).toBe(true);
    expect(struck("ring_result")).toBe(2);
    expect(eio.nthreads).toBe(0);
  });

  it("that has grown since it was looked at is read to its new end", async () => {
    const growing = folder.file("growing", "12345");
    fault("ring_enter", EAGAIN, 3);
    const reading = eio.promises.readFile(growing, "utf8");
    await new Promise(process.nextTick);
    fs.appendFileSync(growing, "678");
    expect(await reading).toBe("12345678");
  });

  it("goes to the pool when it can no longer be opened without waiting", async () => {
    // The first two opens are those of the look at it.
    fault("open_cached", EAGAIN, 1, 2);
    expect((await eio.promises.readFile(small)).length).toBe(3000);
    expect(struck("open_cached")).toBe(1);
  });

  it("leaves the results for folders, FIFOs, /proc and missing files as they are", async () => {
    const { readFile } = eio.promises;
    await expect(readFile(folder.path)).rejects.toMatchObject({
      code: "EISDIR",
    });
    await expect(readFile(folder.join("none"))).rejects.toMatchObject({
      code: "ENOENT",
      path: folder.join("none"),
    });
    expect(await readFile("/proc/self/stat", "latin1")).toContain("node");
    const fifo = folder.join("fifo");
    execFileSync("mkfifo", [fifo]);
    const text = readFile(fifo, "utf8");
    spawn("sh", ["-c", `printf hello > "$1"`, "sh", fifo], { env: plainEnv });
    expect(await text).toBe("hello");
  });

  it("is closed when the request is cancelled, in the kernel or before", async () => {
    struck("read_nowait");
    const engine = makeEngine({ backend: "uring" });
    fault("read_nowait", EAGAIN, ALWAYS);
    fault("ring_enter", EAGAIN, ALWAYS);
    const submitted = Array.from({ length: 4 }, () =>
      send(engine, "slurp", { path: small }),
    );
    await until(() => descriptorsBelow(folder.path).length === 4);
    for (const { request } of submitted) engine.cancel(request, "enough");
    expect(submitted.every(({ settled }) => settled === 1)).toBe(true);
    struck("ring_enter");
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });
});
