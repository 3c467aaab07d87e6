// What only the aio lane can get wrong: what it takes and what it leaves to others, more than its
// context holds, sleeping and waking, cancels, several at once, and ends in the middle of it.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { pattern } from "../helpers/bytes.ts";
import {
  closeEngines,
  leftovers,
  makeEngine,
  nothing,
  result,
  send,
  until,
  type Engine,
  type Sent,
} from "../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const { O_RDONLY, O_RDWR, O_CREAT, O_DIRECT } = fs.constants;
const folder = testFolder();
const content = pattern(1 << 20);
const file = folder.file("data", content);
const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
afterEach(closeEngines);

const make = (options = {}): Engine =>
  makeEngine({ backend: "aio", allocBytes: 32 << 20, ...options });
const buffer = (engine: Engine, bytes: number): Buffer =>
  engine.allocator.take(bytes, 4096);

/** What io_submit was given: system calls of this process are not to be seen without a tracer. */
const inKernel = (): number =>
  Number(fs.readFileSync("/proc/sys/fs/aio-nr", "latin1"));

/** What a program says where the kernel refuses it a system call. */
function denied(call: string, errno: number, program: string): unknown {
  const deny = folder.join(`deny-${call}`);
  const source = path.resolve(import.meta.dirname, "../native/deny.c");
  if (!fs.existsSync(deny))
    spawnSync("cc", ["-O1", `-DDENIED=SYS_${call}`, "-o", deny, source]);
  const args = [process.execPath, "--input-type=module", "-e", program];
  const { stdout, stderr } = spawnSync(deny, [String(errno), ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_EIO_BACKEND: "" },
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const probe = listBackends().aio;
const why = probe.available ? "" : ` (skipped: ${probe.reason})`;

describe.skipIf(!probe.available)(`aio${why}`, () => {
  it("has a context while it is open", async () => {
    const before = inKernel();
    const engine = make();
    expect(inKernel()).toBeGreaterThan(before);
    await engine.close();
    await until(() => inKernel() <= before);
  });

  it.each([
    ["aligned", 4096, 8192, 4096],
    ["a whole megabyte", 0, 1 << 20, 0],
    ["over the end", (1 << 20) - 4096, 8192, 4096],
    ["behind the end", 2 << 20, 4096, 4096],
  ])("reads of a direct descriptor: %s", async (_, position, bytes, short) => {
    const engine = make();
    const fd = fs.openSync(file, O_RDONLY | O_DIRECT);
    const data = buffer(engine, bytes);
    const count = await result(engine, "read", { fd, data, position });
    const wanted = content.subarray(position, position + bytes);
    expect(count).toBe(wanted.length);
    expect(data.subarray(0, count).equals(wanted)).toBe(true);
    expect(data.subarray(count).every((byte) => byte === 0)).toBe(true);
    expect(bytes - count === 0 || short !== 0).toBe(true);
    fs.closeSync(fd);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("leaves to others what is not direct, not aligned, or has no position", async () => {
    const engine = make();
    const direct = fs.openSync(file, O_RDONLY | O_DIRECT);
    const plain = fs.openSync(file, "r");
    const data = buffer(engine, 8192);
    const part = data.subarray(1, 4097);
    const odd = { fd: direct, data: part, position: 0 };
    expect(await result(engine, "read", odd)).toBe(-22);
    const cached = { fd: plain, data: part, position: 7 };
    expect(await result(engine, "read", cached)).toBe(4096);
    expect(part.equals(content.subarray(7, 4103))).toBe(true);
    expect(await result(engine, "read", { fd: direct, data })).toBe(8192);
    expect(await result(engine, "read", { fd: direct, data })).toBe(8192);
    expect(data.equals(content.subarray(8192, 16384))).toBe(true);
    const bad = { fd: 99999, data, position: 0 };
    expect(await result(engine, "read", bad)).toBe(-9);
    fs.closeSync(direct);
    fs.closeSync(plain);
  });

  it("looks up anew what a descriptor is: its number may be another file's by now", async () => {
    const engine = make();
    const data = buffer(engine, 4096);
    for (const flags of [O_DIRECT, 0, O_DIRECT, 0]) {
      const fd = fs.openSync(file, O_RDONLY | flags);
      const read = { fd, data, position: 4096 };
      expect(await result(engine, "read", read)).toBe(4096);
      expect(data.equals(content.subarray(4096, 8192))).toBe(true);
      fs.closeSync(fd);
    }
  });

  it("writes, over what is there and beyond, and syncs", async () => {
    const engine = make();
    const out = folder.join("out");
    const fd = fs.openSync(out, O_RDWR | O_CREAT | O_DIRECT);
    const data = buffer(engine, 65536).fill("x");
    const write = (position: number): Promise<number> =>
      result(engine, "write", { fd, data, position });
    const places = [0, 65536, 131072, 65536];
    expect(await Promise.all(places.map(write))).toEqual(
      places.map(() => 65536),
    );
    expect(await result(engine, "fsync", { fd })).toBe(0);
    expect(await result(engine, "fdatasync", { fd })).toBe(0);
    fs.closeSync(fd);
    expect(fs.readFileSync(out).equals(Buffer.alloc(3 * 65536, "x"))).toBe(
      true,
    );
    expect(await result(engine, "fsync", { fd: 99999 })).toBe(-9);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("takes more than its context holds, and completes each once", async () => {
    const engine = make({ slots: 1024, loopLingerUs: 0 });
    const fd = fs.openSync(file, O_RDONLY | O_DIRECT);
    const reads = Array.from({ length: 3000 }, (_, i) => {
      const position = ((i * 7919) % 256) * 4096;
      const data = buffer(engine, 4096);
      return {
        position,
        data,
        submitted: send(engine, "read", { fd, data, position }),
      };
    });
    for (const { position, data, submitted } of reads) {
      expect((await submitted.done).result).toBe(4096);
      expect(submitted.settled).toBe(1);
      const wanted = content.subarray(position, position + 4096);
      expect(data.equals(wanted)).toBe(true);
    }
    fs.closeSync(fd);
    expect(leftovers(engine)).toEqual(nothing);
  });

  it("wakes a loop that sleeps", async () => {
    const engine = make({ loopLingerUs: 0 });
    const fd = fs.openSync(file, O_RDONLY | O_DIRECT);
    const data = buffer(engine, 4096);
    for (let i = 0; i < 200; i++) {
      const read = { fd, data, position: i * 4096 };
      expect(await result(engine, "read", read)).toBe(4096);
    }
    fs.closeSync(fd);
  });

  it("keeps what an abandoned read fills, until the disk has done with it", async () => {
    const engine = make();
    const fd = fs.openSync(file, O_RDONLY | O_DIRECT);
    const all: Sent[] = [];
    for (let round = 0; round < 20; round++) {
      const reads = Array.from({ length: 60 }, (_, i) =>
        send(engine, "read", {
          fd,
          data: buffer(engine, 65536),
          position: (i % 16) * 65536,
        }),
      );
      await new Promise(process.nextTick);
      for (const { request } of reads) engine.cancel(request, "enough");
      for (const { request } of reads)
        expect(engine.allocator.release(request.data!)).toBe(true);
      await until(() => engine.abandoned < 200);
      all.push(...reads);
    }
    await until(() => engine.abandoned === 0);
    expect(all.every(({ settled }) => settled === 1)).toBe(true);
    expect(leftovers(engine)).toEqual(nothing);
    fs.closeSync(fd);
  });

  it.each(["nowait", "aio"])(
    "waits for no disk on the loop: %s",
    async (backend) => {
      const engine = make({ backend });
      const fd = fs.openSync(file, O_RDONLY | O_DIRECT);
      const reads = Array.from({ length: 32 }, (_, i) => {
        const data = buffer(engine, 4096);
        return send(engine, "read", { fd, data, position: i * 4096 });
      });
      // They are begun in this turn; what were done already would have been waited for.
      await new Promise(process.nextTick);
      expect(engine.npending).toBe(0);
      for (const { done } of reads) expect((await done).result).toBe(4096);
      fs.closeSync(fd);
    },
  );

  it("does its part in several threads at once, and survives their ends", async () => {
    const program = `
      import(${JSON.stringify(doors)}).then(async ({ eio }) => {
        const { parentPort, workerData } = require("node:worker_threads");
        const fs = require("node:fs");
        const fd = fs.openSync(workerData, fs.constants.O_RDONLY | fs.constants.O_DIRECT);
        const read = (i) => new Promise((resolve, reject) =>
          eio.fs.read(fd, eio.alloc(4096), 0, 4096, i % 256 * 4096,
            (error, count) => error ? reject(error) : resolve(count)));
        const counts = await Promise.all(Array.from({ length: 500 }, (_, i) => read(i)));
        for (let i = 0; i < 200; i++) void read(i);
        await read(0);
        parentPort.postMessage([eio.backend, counts.every((count) => count === 4096)]);
      });`;
    const lives = Array.from({ length: 3 }, async () => {
      const worker = new Worker(program, {
        eval: true,
        workerData: file,
        env: { ...process.env, NODE_EIO_BACKEND: "aio" },
      });
      const said = await new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
      expect(said).toEqual(["aio", true]);
      // 0: its last reads were done before it was terminated.
      expect([0, 1]).toContain(await worker.terminate());
    });
    await Promise.all(lives);
  });

  it("lets a process exit with reads in flight", () => {
    const program = `
      const { eio } = await import(${JSON.stringify(doors)});
      const handle = await eio.openDirect(${JSON.stringify(file)});
      for (let i = 0; i < 256; i++)
        void handle.read(eio.alloc(4096), 0, 4096, i * 4096);
      await new Promise(process.nextTick);
      process.exit(7);`;
    const args = ["--input-type=module", "-e", program];
    for (let i = 0; i < 5; i++) {
      const { status, stderr } = spawnSync(process.execPath, args, {
        encoding: "utf8",
        env: { ...process.env, NODE_EIO_BACKEND: "aio" },
      });
      expect([status, stderr]).toEqual([7, ""]);
    }
    // Five processes with ThreadSanitizer in them took 31 s on a busy machine.
  });

  it.each([
    ["io_setup", "EPERM", 1],
    ["io_setup", "ENOSYS", 38],
    ["io_setup", "EAGAIN", 11],
  ])("is done without where %s fails with %s", (call, code, errno) => {
    const program = `
      const { createEio } = await import(${JSON.stringify(doors)});
      let refused;
      try { createEio({ backend: "aio" }); } catch (error) { refused = error.message; }
      const eio = createEio({ backend: "nowait" });
      const handle = await eio.openDirect(${JSON.stringify(file)});
      const { bytesRead } = await handle.read(eio.alloc(4096), 0, 4096, 4096);
      console.log(JSON.stringify([refused, bytesRead, handle.direct]));`;
    expect(denied(call, errno, program)).toEqual([
      expect.stringContaining(`io_setup: ${code}`),
      4096,
      true,
    ]);
  });

  it.each([
    ["EAGAIN", 11],
    ["ENOSYS", 38],
    ["EPERM", 1],
  ])("leaves to the pool what io_submit refuses with %s", (_, errno) => {
    const program = `
      const { createEio } = await import(${JSON.stringify(doors)});
      const eio = createEio({ backend: "aio" });
      const handle = await eio.openDirect(${JSON.stringify(file)});
      const reads = Array.from({ length: 300 }, (_, i) =>
        handle.read(eio.alloc(4096), 0, 4096, i % 256 * 4096));
      const counts = (await Promise.all(reads)).map(({ bytesRead }) => bytesRead);
      await handle.sync();
      console.log(JSON.stringify([counts.every((count) => count === 4096)]));`;
    expect(denied("io_submit", errno, program)).toEqual([true]);
  });

  it("leaves no descriptor behind", async () => {
    const events = (): number =>
      fs.readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`).includes("eventfd");
        } catch {
          return false;
        }
      }).length;
    const before = events();
    for (let i = 0; i < 20; i++) await make().close();
    expect(events()).toBe(before);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});
