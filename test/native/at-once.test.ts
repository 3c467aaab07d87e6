// What the loop's own thread opens and closes, and reads of file systems that cannot read without waiting: with the results
// of node:fs, and on whom each of them falls.
import { fault, noFaults, noMoreFaults, struck } from "../helpers/faults.ts";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const ALWAYS = 1 << 30;
const EOPNOTSUPP = -95;
const TMPFS_MAGIC = 0x01021994;
const folder = testFolder();
const memory = "/dev/shm";
const { nowait, uring } = listBackends();
const { O_NONBLOCK, O_ACCMODE } = { ...fs.constants, O_ACCMODE: 3 };

/** The flags that a descriptor has now. */
function flagsOf(fd: number): number {
  const [, octal] = /^flags:\s*(\d+)$/m.exec(
    fs.readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"),
  )!;
  return parseInt(octal!, 8);
}

let eio: Eio;
afterEach(async () => {
  noMoreFaults();
  await eio.close();
  expect(descriptorsBelow(folder.path)).toEqual([]);
});

describe.skipIf(!nowait.available)("on the loop's own thread", () => {
  beforeEach(() => void (eio = createEio({ backend: "nowait" })));

  it("a file that is there is opened to be read as Node opens it, and closed", async () => {
    const file = folder.file("file", "content");
    const handle = await eio.promises.open(file, "r");
    const node = fs.openSync(file, "r");
    expect(flagsOf(handle.fd)).toBe(flagsOf(node));
    expect(flagsOf(handle.fd) & (O_NONBLOCK | O_ACCMODE)).toBe(0);
    fs.closeSync(node);
    const { buffer } = await handle.read(Buffer.alloc(7), 0, 7, 0);
    expect(buffer.toString()).toBe("content");
    await handle.close();
    expect(eio.nthreads).toBe(0);
  });

  it("a file that is not there fails with Node's error", async () => {
    const path = folder.join("missing");
    const failure = await eio.promises
      .open(path, "r")
      .catch((error: Error) => error);
    const { message } = (await fs.promises
      .open(path)
      .catch((error: Error) => error)) as Error;
    expect(failure).toMatchObject({ message, code: "ENOENT", syscall: "open" });
  });

  it.each([
    ["to be written", (file: string) => eio.promises.open(file, "r+")],
    ["to be created", () => eio.promises.open(folder.join("new"), "w")],
    ["that is a folder", () => eio.promises.open(folder.path, "r")],
    ["that is a device", () => eio.promises.open("/dev/null", "r")],
    ["of /proc", () => eio.promises.open("/proc/self/status", "r")],
  ])("nothing %s is opened", async (_what, open) => {
    const handle = await open(folder.file("other", ""));
    expect(eio.nthreads).toBe(1);
    await handle.close();
  });

  it("a fifo is not opened: a thread waits for its writer", async () => {
    const fifo = folder.join("fifo");
    execFileSync("mkfifo", [fifo]);
    const opening = eio.promises.open(fifo, "r");
    await eio.promises.stat(folder.path);
    expect(eio.nthreads).toBe(1);
    const writer = fs.openSync(fifo, "r+");
    await (await opening).close();
    fs.closeSync(writer);
  });

  it("a file without a name is not closed: that gives back its room", async () => {
    const handle = await eio.promises.open(
      folder.file("removed", "content"),
      "r",
    );
    fs.unlinkSync(folder.join("removed"));
    expect(eio.nthreads).toBe(0);
    await handle.close();
    expect(eio.nthreads).toBe(1);
  });

  it("a file that may have been written is not closed: that may write it back", async () => {
    const fd = fs.openSync(folder.file("written", "content"), "r+");
    await new Promise<void>((resolve) => eio.fs.close(fd, () => resolve()));
    expect(eio.nthreads).toBe(1);
  });

  it("a descriptor that is closed already is the system's error", async () => {
    const fd = fs.openSync(folder.file("closed", ""), "r");
    fs.closeSync(fd);
    const error = await new Promise((resolve) => eio.fs.close(fd, resolve));
    expect(error).toMatchObject({ code: "EBADF", syscall: "close" });
  });
});

const isMemory =
  fs.existsSync(memory) && fs.statfsSync(memory).type === TMPFS_MAGIC;
const hasSwap = !/^SwapTotal:\s+0 kB$/m.test(
  fs.readFileSync("/proc/meminfo", "utf8"),
);

describe.skipIf(!nowait.available || !isMemory || hasSwap)(
  "a file of tmpfs, where nothing is swapped out",
  () => {
    beforeEach(() => void (eio = createEio({ backend: "nowait" })));

    it.each([0, 1, 4096, 20_000])(
      "of %d bytes is read on the loop's own thread",
      async (bytes) => {
        const file = `${memory}/node-eio-at-once-${process.pid}`;
        const content = Buffer.alloc(bytes, 7);
        fs.writeFileSync(file, content);
        try {
          expect((await eio.promises.readFile(file)).equals(content)).toBe(
            true,
          );
          const handle = await eio.promises.open(file, "r");
          const target = Buffer.alloc(bytes + 10);
          const { bytesRead } = await handle.read(target, 0, bytes + 10, 0);
          expect(bytesRead).toBe(bytes);
          expect(target.subarray(0, bytes).equals(content)).toBe(true);
          await handle.close();
        } finally {
          fs.unlinkSync(file);
        }
        expect(eio.nthreads).toBe(0);
      },
    );
  },
);

describe.skipIf(noFaults !== null || !uring.available)(
  "a file system that cannot read without waiting",
  () => {
    beforeEach(() => {
      eio = createEio({ backend: "uring" });
      fault("read_nowait", EOPNOTSUPP, ALWAYS);
      // The ring would start a thread of the kernel's for each.
      fault("ring_enter", -5, ALWAYS);
    });

    it("is read by threads, and not tried again for a while", async () => {
      const file = folder.file("elsewhere", "content");
      const handle = await fs.promises.open(file);
      for (let i = 0; i < 100; i++) {
        const target = Buffer.alloc(7);
        const read = promisedRead(handle.fd, target);
        expect(await read).toBe(7);
        expect(target.toString()).toBe("content");
        expect(await eio.promises.readFile(file, "utf8")).toBe("content");
      }
      await handle.close();
      expect(eio.nthreads).toBeGreaterThan(0);
      expect(struck("read_nowait")).toBeLessThan(60);
      expect(struck("ring_enter")).toBe(0);
    });

    const promisedRead = (fd: number, target: Buffer): Promise<number> =>
      new Promise((resolve, reject) =>
        eio.fs.read(fd, target, 0, 7, 0, (error, count) =>
          error === null ? resolve(count) : reject(error),
        ),
      );
  },
);
