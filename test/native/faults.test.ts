// System calls that fail or do half of what was requested: signals, short transfers, no memory, queues
// that are full. What users get is what they would have got without, or one clear error.
import {
  fault,
  noFaults,
  noMoreFaults,
  ringTakesPipes,
  struck,
} from "../helpers/faults.ts";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  result,
  send,
  turn,
  until,
} from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import { openFds } from "../helpers/open-fds.mjs";

const [EINTR, EIO, EAGAIN, ENOMEM, EBUSY, EMFILE, ECANCELED] = [
  4, 5, 11, 12, 16, 24, 125,
].map((errno) => -errno) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const ALWAYS = 1 << 30;

const folder = testFolder();
const content = Buffer.from(Array.from({ length: 40_000 }, (_, i) => i & 255));
const file = folder.file("file", content);
let fd: number;
beforeEach(() => {
  fd = fs.openSync(file, "r");
});
afterEach(async () => {
  noMoreFaults();
  await closeEngines();
  fs.closeSync(fd);
});

/** Many at once, so that the queue is submitted more than once. */
async function readAll(backend: string, count = 600): Promise<void> {
  const engine = makeEngine({ backend });
  const reads = Array.from({ length: count }, (_, i) => {
    const data = Buffer.alloc(2000);
    return { data, submitted: send(engine, "read", { fd, data, position: i }) };
  });
  for (const [i, { data, submitted }] of reads.entries()) {
    expect((await submitted.done).result).toBe(2000);
    expect(data.equals(content.subarray(i, i + 2000))).toBe(true);
  }
  expect(leftovers(engine)).toEqual(nothing);
}

describe.skipIf(noFaults)("the pool's calls", () => {
  it("read on where a whole-file read comes up short", async () => {
    const eio = createEio({ backend: "pool" });
    fault("read", 100, ALWAYS);
    const { readFile } = eio.promises;
    expect(content.subarray(0, 5000).equals(await readFile(file))).toBe(false);
    expect(content.equals(await readFile(file))).toBe(true);
    expect(struck("read")).toBeGreaterThan(10);
    await eio.close();
  });

  it("report a short read as the system does", async () => {
    const engine = makeEngine();
    fault("read", 7);
    const data = Buffer.alloc(16_384);
    expect(await result(engine, "read", { fd, data, position: 0 })).toBe(7);
    expect(struck("read")).toBe(1);
  });

  it("report an error of the disk", async () => {
    const engine = makeEngine();
    fault("fsync", EIO);
    expect(await result(engine, "fsync", { fd })).toBe(EIO);
    expect(await result(engine, "fsync", { fd })).toBe(0);
  });
});

/** Open for both, so that a reader waits. */
function makeFifo(name: string): {
  fifo: number;
  write: (text: string) => void;
} {
  ringTakesPipes();
  const at = folder.join(name);
  execFileSync("mkfifo", [at]);
  const fifo = fs.openSync(at, "r+");
  return { fifo, write: (text) => void fs.writeSync(fifo, text) };
}

const nowait = listBackends().nowait.available;

describe.skipIf(noFaults ?? !nowait)("nowait", () => {
  it.each([
    ["nothing is in memory", EAGAIN],
    ["a part is in memory", 700],
    ["there is no memory", ENOMEM],
  ])("leaves a read to the pool when %s", async (_what, outcome) => {
    fault("read_nowait", outcome, ALWAYS, 1);
    await readAll("nowait", 100);
    expect(struck("read_nowait")).toBeGreaterThan(0);
  });

  it.each(["open_cached", "statx", "read_nowait"] as const)(
    "leaves files to the pool when %s fails",
    async (call) => {
      const eio = createEio({ backend: "nowait" });
      fault(call, EAGAIN);
      for (let i = 0; i < 5; i++) {
        expect(await eio.promises.readFile(file)).toEqual(content);
        expect((await eio.promises.stat(file)).size).toBe(content.length);
      }
      expect(struck(call)).toBe(1);
      await eio.close();
    },
  );
});

const uring = listBackends().uring.available;

describe.skipIf(noFaults ?? !uring)("uring", () => {
  // What is in memory nowait has read before.
  beforeEach(() => fault("read_nowait", EAGAIN, ALWAYS));

  it.each([
    ["EINTR", EINTR, 50],
    ["EAGAIN", EAGAIN, 1],
    ["EAGAIN", EAGAIN, 50],
    ["EBUSY", EBUSY, 50],
    ["ENOMEM", ENOMEM, 50],
    ["one entry at a time", 1, 300],
  ])(
    "goes on when io_uring_enter returns %s",
    async (_what, outcome, times) => {
      const ofOpening = 1;
      fault("ring_enter", outcome, times, ofOpening);
      await readAll("uring");
      expect(struck("ring_enter")).toBe(times);
    },
  );

  it("runs elsewhere what the kernel cancels by itself", async () => {
    const engine = makeEngine({ backend: "uring" });
    fault("ring_result", ECANCELED, 1);
    const data = Buffer.alloc(2000);
    expect(await result(engine, "read", { fd, data, position: 0 })).toBe(2000);
    expect(struck("ring_result")).toBe(1);
  });

  it("does not sleep over entries that the kernel left behind", async () => {
    const engine = makeEngine({ backend: "uring", loopLingerUs: 0 });
    fault("ring_enter", EAGAIN, 20);
    const data = Buffer.alloc(2000);
    expect(await result(engine, "read", { fd, data, position: 0 })).toBe(2000);
    expect(struck("ring_enter")).toBe(20);
  });

  it("cancels entries that the kernel left behind", async () => {
    const engine = makeEngine({ backend: "uring" });
    fault("ring_enter", EAGAIN, ALWAYS);
    const submitted = send(engine, "read", { fd, data: Buffer.alloc(10) });
    await until(() => engine.nready === 0);
    engine.cancel(submitted.request, "enough");
    expect(submitted.settled).toBe(1);
    noMoreFaults();
    await until(() => engine.orphans === 0);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("begins again what was interrupted, on the ring", async () => {
    const engine = makeEngine({ backend: "uring" });
    const { fifo, write } = makeFifo("interrupted");
    fault("ring_result", EINTR, 3);
    // What is interrupted here has taken something, so it is to be seen how often it was begun.
    write("onetwobutend");
    const data = Buffer.alloc(3);
    expect(await result(engine, "read", { fd: fifo, data })).toBe(3);
    expect(data.toString()).toBe("end");
    expect(struck("ring_result")).toBe(3);
    expect(engine.nthreads).toBe(0);
    fs.closeSync(fifo);
  });

  it("requests a cancel again that had no effect", async () => {
    const engine = makeEngine({ backend: "uring", loopLingerUs: 0 });
    const { fifo } = makeFifo("again");
    fault("ring_cancel", EAGAIN, 5);
    const submitted = [0, 1].map(() =>
      send(engine, "read", { fd: fifo, data: Buffer.alloc(10) }),
    );
    await until(() => engine.nready === 0);
    for (const { request } of submitted) engine.cancel(request, "enough");
    await until(() => engine.orphans === 0);
    expect(struck("ring_cancel")).toBe(5);
    expect(leftovers(engine)).toEqual(nothing);
    fs.closeSync(fifo);
  });

  it("cancels what the kernel does not take just now, with a loop that sleeps", async () => {
    const engine = makeEngine({ backend: "uring", loopLingerUs: 0 });
    const { fifo } = makeFifo("sleeps");
    const submitted = send(engine, "read", {
      fd: fifo,
      data: Buffer.alloc(10),
    });
    for (let i = 0; i < 20; i++) await turn();
    fault("ring_enter", EAGAIN, 2);
    engine.cancel(submitted.request, "enough");
    await until(() => engine.orphans === 0);
    expect(struck("ring_enter")).toBe(2);
    fs.closeSync(fifo);
  });

  it("closes when the kernel takes nothing for a while", async () => {
    const engine = makeEngine({ backend: "uring" });
    fault("ring_enter", EAGAIN, 30);
    const submitted = send(engine, "read", { fd, data: Buffer.alloc(10) });
    await engine.close();
    expect(submitted.settled).toBe(1);
  });

  it.each([
    ["ring_setup", ENOMEM, "io_uring_setup: ENOMEM"],
    ["ring_setup", EMFILE, "io_uring_setup: EMFILE"],
    ["ring_register", ENOMEM, "io_uring_register (probe): ENOMEM"],
    ["eventfd", EMFILE, "EMFILE"],
  ] as const)("is refused when %s fails with %d", async (call, errno, why) => {
    const before = openFds();
    vi.resetModules();
    const select = await import("../../src/backends/select.ts");
    fault(call, errno);
    expect(select.listBackends().uring).toEqual({
      available: false,
      reason: expect.stringContaining(why) as string,
    });
    expect(openFds()).toBe(before);
  });

  it.each(["ring_setup", "eventfd"] as const)(
    "is done without when %s fails later",
    async (call) => {
      fault(call, EMFILE, ALWAYS);
      await readAll("uring", 50);
      expect(struck(call)).toBeGreaterThan(0);
    },
  );
});

const aio = listBackends().aio.available;

describe.skipIf(noFaults ?? !aio)("aio", () => {
  /** Direct reads of every block, and what each must bring. */
  async function readBlocks(count: number): Promise<void> {
    const engine = makeEngine({ backend: "aio", allocBytes: 16 << 20 });
    const blocks = folder.file("blocks", Buffer.alloc(64 * 4096, content));
    const direct = fs.openSync(
      blocks,
      fs.constants.O_RDONLY | fs.constants.O_DIRECT,
    );
    const whole = fs.readFileSync(blocks);
    const reads = Array.from({ length: count }, (_, i) => {
      const position = (i % 64) * 4096;
      const data = engine.allocator.take(4096, 4096);
      return {
        data,
        position,
        submitted: send(engine, "read", { fd: direct, data, position }),
      };
    });
    for (const { data, position, submitted } of reads) {
      expect((await submitted.done).result).toBe(4096);
      expect(data.equals(whole.subarray(position, position + 4096))).toBe(true);
    }
    fs.closeSync(direct);
    expect(leftovers(engine)).toEqual(nothing);
  }

  it.each([
    ["io_submit returns EINTR", "aio_submit", EINTR, 20],
    ["io_submit returns EAGAIN", "aio_submit", EAGAIN, 3],
    ["io_submit returns ENOMEM", "aio_submit", ENOMEM, 3],
    ["io_submit takes one at a time", "aio_submit", 1, 100],
  ] as const)("goes on when %s", async (_what, call, outcome, times) => {
    fault(call, outcome, times);
    await readBlocks(200);
    expect(struck(call)).toBe(times);
  });

  it.each([
    ["aio_setup", EAGAIN, 4, "io_setup: EAGAIN"],
    ["aio_setup", ENOMEM, 4, "io_setup: ENOMEM"],
    ["eventfd", EMFILE, 1, "eventfd: EMFILE"],
  ] as const)("is refused when %s fails", async (call, errno, times, why) => {
    const contexts = (): number =>
      Number(fs.readFileSync("/proc/sys/fs/aio-nr", "latin1"));
    const before = contexts();
    vi.resetModules();
    const { NativeLane } = await import("../../src/backends/native-lane.ts");
    const { makeMemory } = await import("../../src/request/make-memory.ts");
    const sizes = { slots: 16, arenaBytes: 0, workersMax: 1 };
    fault(call, errno, times);
    const lane = NativeLane.open(
      "aio",
      makeMemory(sizes),
      { complete: () => true },
      () => {},
    );
    expect(lane).toContain(why);
    expect(struck(call)).toBe(times);
    await until(() => contexts() <= before);
  });

  it("takes a smaller context where there is no room for a larger one", async () => {
    fault("aio_setup", EAGAIN, 2);
    await readBlocks(100);
    expect(struck("aio_setup")).toBe(2);
  });
});
