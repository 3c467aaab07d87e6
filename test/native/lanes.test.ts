// What only the native lanes can get wrong: data that goes straight into the caller's memory, cancel
// and close while the kernel has a request, fallbacks to the pool, and several rings in one process.
import { noMoreFaults, ringTakesPipes } from "../helpers/faults.ts";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { BLOCK_BYTES } from "../../src/request/layout.ts";
import { pattern } from "../helpers/bytes.ts";
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
import { Gate, descriptorsBelow, testFolder } from "../helpers/files.ts";
import { times } from "../helpers/part.ts";

const folder = testFolder();
const bytes = pattern(3 << 20);
const file = folder.file("data", bytes);
const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
afterEach(async () => {
  noMoreFaults();
  await closeEngines();
});

const lanes = (["uring", "nowait"] as const).filter(
  (name) => listBackends()[name].available,
);

describe.skipIf(!listBackends().uring.available)("a large read", () => {
  const threadsOf = async (backend: string, size: number): Promise<number> => {
    const engine = makeEngine({ backend, arenaBytes: 4 << 20 });
    const fd = fs.openSync(file, "r");
    const data = Buffer.alloc(size);
    expect(await result(engine, "read", { fd, data, position: 0 })).toBe(size);
    expect(data.equals(bytes.subarray(0, size))).toBe(true);
    fs.closeSync(fd);
    return engine.backend.counts().threads;
  };

  it("is a thread's where nobody chose the ring, and a small one the loop's", async () => {
    expect(await threadsOf("auto", 1 << 20)).toBeGreaterThan(0);
    expect(await threadsOf("auto", 4096)).toBe(0);
    expect(await threadsOf("uring", 1 << 20)).toBe(0);
  });
});

describe.each(["pool", ...lanes])("transfers on %s", (backend) => {
  const sizes = [1, 100, 1023, 1024, BLOCK_BYTES, BLOCK_BYTES + 1];
  it.each([...sizes, 65536, 65537, 1 << 17, 1 << 20])(
    "read and write %d bytes where they belong",
    async (size) => {
      const engine = makeEngine({ backend, arenaBytes: 4 << 20 });
      const fd = fs.openSync(file, "r");
      const target = Buffer.alloc(size + 32, 255);
      const data = target.subarray(16, 16 + size);
      expect(await result(engine, "read", { fd, data, position: 5 })).toBe(
        size,
      );
      expect(data.equals(bytes.subarray(5, 5 + size))).toBe(true);
      const around = Buffer.concat([
        target.subarray(0, 16),
        target.subarray(16 + size),
      ]);
      expect(around.equals(Buffer.alloc(32, 255))).toBe(true);
      fs.closeSync(fd);

      const out = fs.openSync(folder.join("out"), "w+");
      const wrote = { fd: out, data, position: 3 };
      expect(await result(engine, "write", wrote)).toBe(size);
      const back = Buffer.alloc(size);
      fs.readSync(out, back, 0, size, 3);
      expect(back.equals(data)).toBe(true);
      fs.closeSync(out);
      expect(leftovers(engine)).toEqual(nothing);
    },
  );

  it("reads short at the end, and nothing behind it", async () => {
    const engine = makeEngine({ backend });
    const fd = fs.openSync(file, "r");
    const data = Buffer.alloc(4096, 9);
    const position = bytes.length - 100;
    expect(await result(engine, "read", { fd, data, position })).toBe(100);
    expect(data.subarray(100).equals(Buffer.alloc(3996, 9))).toBe(true);
    const behind = { fd, data, position: bytes.length + 1 };
    expect(await result(engine, "read", behind)).toBe(0);
    fs.closeSync(fd);
  });

  it("uses the current position where none is given", async () => {
    const engine = makeEngine({ backend });
    const fd = fs.openSync(file, "r");
    for (const start of [0, 1500, 3000]) {
      const data = Buffer.alloc(1500);
      expect(await result(engine, "read", { fd, data })).toBe(1500);
      expect(data.equals(bytes.subarray(start, start + 1500))).toBe(true);
    }
    fs.closeSync(fd);
  });

  it("fails with the errno of the system", async () => {
    const engine = makeEngine({ backend });
    const data = Buffer.alloc(4096);
    const fd = fs.openSync(folder.path, "r");
    expect(await result(engine, "read", { fd, data, position: 0 })).toBe(-21);
    expect(await result(engine, "read", { fd: 99999, data, position: 0 })).toBe(
      -9,
    );
    fs.closeSync(fd);
    expect(await result(engine, "stat", { path: folder.join("no") })).toBe(-2);
  });

  it("refuses a position for what has none, and reads on without one", async () => {
    const engine = makeEngine({ backend });
    const fifo = folder.join(`fifo-${backend}`);
    execFileSync("mkfifo", [fifo]);
    const fd = fs.openSync(fifo, "r+");
    const data = Buffer.alloc(8);
    const at = { fd, data, position: 3 };
    expect(await result(engine, "read", at)).toBe(-29);
    expect(await result(engine, "write", at)).toBe(-29);
    fs.writeSync(fd, "content");
    expect(await result(engine, "read", at)).toBe(-29);
    expect(await result(engine, "read", { fd, data })).toBe(7);
    expect(data.toString("utf8", 0, 7)).toBe("content");
    fs.closeSync(fd);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("survives memory that is transferred away", async () => {
    const engine = makeEngine({ backend });
    const fd = fs.openSync(file, "r");
    const data = new Uint8Array(65536);
    const submitted = send(engine, "read", { fd, data, position: 0 });
    // Were that collected before the read is done, it would be written to what is free.
    const moved = structuredClone(data.buffer, { transfer: [data.buffer] });
    expect((await submitted.done).result).toBeLessThanOrEqual(65536);
    expect(moved.byteLength).toBe(65536);
    fs.closeSync(fd);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

describe.each(lanes)("beside a worker, %s", (backend) => {
  it("wakes a sleeping loop when the worker is done", async () => {
    const engine = makeEngine({ backend, loopLingerUs: 0 });
    const gate = new Gate(folder, `gate-${backend}`);
    const blocked = gate.block(engine);
    await until(() => engine.nready === 0);
    for (let i = 0; i < 20; i++) {
      for (let turns = 0; turns < 20; turns++) await turn();
      expect(await result(engine, "stat", { path: file })).toBe(18);
    }
    await gate.release();
    expect((await blocked.done).result).toBe(0);
    expect(leftovers(engine)).toEqual(nothing);
  });
});

describe.skipIf(!lanes.includes("uring"))("uring", () => {
  const backend = "uring";

  /** Both ends of a fifo: a read waits until something is written. */
  function pipe(name: string): { reads: number; writes: number } {
    ringTakesPipes();
    const at = folder.join(name);
    execFileSync("mkfifo", [at]);
    const writes = fs.openSync(at, "r+");
    return { reads: fs.openSync(at, "r"), writes };
  }

  it("wakes a loop that sleeps", async () => {
    const engine = makeEngine({ backend, loopLingerUs: 0 });
    const { reads, writes } = pipe("wakes");
    const data = Buffer.alloc(5);
    for (let i = 0; i < 20; i++) {
      const submitted = send(engine, "read", { fd: reads, data });
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(submitted.settled).toBe(0);
      fs.writeSync(writes, "hello");
      expect((await submitted.done).result).toBe(5);
    }
    fs.closeSync(reads);
    fs.closeSync(writes);
  });

  it("settles a cancel when the kernel has let go of the buffer", async () => {
    const engine = makeEngine({ backend });
    const { reads, writes } = pipe("cancels");
    const data = Buffer.alloc(4096, 3);
    const submitted = Array.from({ length: 100 }, () =>
      send(engine, "read", { fd: reads, data }),
    );
    await until(() => engine.freeSlots <= engine.memory.sizes.slots - 100);
    for (const { request } of submitted) engine.cancel(request, "enough");
    await until(() => submitted.every(({ settled }) => settled === 1));
    expect(leftovers(engine)).toEqual(nothing);
    fs.closeSync(reads);
    fs.closeSync(writes);
  });

  it("gets the slots back while the kernel is about to wait", async () => {
    const engine = makeEngine({ backend, slots: 4096 });
    const { reads, writes } = pipe("tries");
    const buffers = Array.from({ length: 1000 }, () =>
      Buffer.allocUnsafeSlow(2048),
    );
    for (let round = 0; round < times(100); round++) {
      // More bytes than a turn copies: most go to the kernel's threads, which try them one by one.
      const submitted = buffers.map((data) =>
        send(engine, "read", { fd: reads, data }),
      );
      await until(() => engine.nready === 0);
      for (const { request } of submitted) engine.cancel(request, "enough");
      await until(() => submitted.every(({ settled }) => settled === 1));
    }
    expect(leftovers(engine)).toEqual(nothing);
    fs.closeSync(reads);
    fs.closeSync(writes);
  });

  it("holds as many as there are slots, and many more", async () => {
    const engine = makeEngine({ backend, slots: 4096 });
    const fd = fs.openSync(file, "r");
    const reads = Array.from({ length: 10_000 }, (_, i) => {
      const data = Buffer.alloc(64);
      return {
        data,
        submitted: send(engine, "read", { fd, data, position: i }),
      };
    });
    for (const [i, { data, submitted }] of reads.entries()) {
      expect((await submitted.done).result).toBe(64);
      expect(data.equals(bytes.subarray(i, i + 64))).toBe(true);
    }
    fs.closeSync(fd);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("leaves no descriptor behind when it closes", async () => {
    const rings = (): number =>
      fs.readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return /io_uring|eventfd/.test(
            fs.readlinkSync(`/proc/self/fd/${fd}`),
          );
        } catch {
          return false;
        }
      }).length;
    const before = rings();
    for (let i = 0; i < 20; i++) {
      const engine = makeEngine({ backend });
      await result(engine, "nop");
      await engine.close();
    }
    expect(rings()).toBe(before);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it("survives the end of its thread, with requests in flight", async () => {
    const { reads, writes } = pipe("ends");
    const program = `
      import(${JSON.stringify(doors)}).then(async ({ eio }) => {
        const { parentPort, workerData } = require("node:worker_threads");
        for (let i = 0; i < 50; i++)
          eio.fs.read(workerData.fd, Buffer.alloc(4096), 0, 4096, null, () => {});
        await eio.promises.stat("/");
        parentPort.postMessage("ready");
      });`;
    for (let i = 0; i < 5; i++) {
      const worker = new Worker(program, {
        eval: true,
        workerData: { fd: reads },
        env: { ...process.env, NODE_EIO_BACKEND: "uring" },
      });
      await new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
      expect(await worker.terminate()).toBe(1);
    }
    fs.closeSync(reads);
    fs.closeSync(writes);
  });
});
