// `cache: "drop"`: what is read or written stays out of the page cache, however it is read or written; what was there before stays.
// The witness is the kernel: mincore() by python3, on the disk that the temporary folder is on.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { createEio } from "../../src/api/create.ts";
import { testFolder } from "../helpers/files.ts";

const BYTES = 4 << 20;
const PAGES = BYTES / 4096;
/** So many may be left of 1,024: the kernel does not give up one that it is looking at itself. */
const FEW = 16;
/** One for all looks: a Python that starts for each takes longer than all the rest. */
const WITNESS = `
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
for line in sys.stdin:
    what, name = line.rstrip("\\n").split(" ", 1)
    fd = os.open(name, os.O_RDWR)
    if what == "evict":
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    size = os.fstat(fd).st_size
    pages = (size + 4095) // 4096
    there = (ctypes.c_ubyte * pages)()
    where = libc.mmap(None, size, 1, 1, fd, 0)
    libc.mincore(where, size, there)
    libc.munmap(where, size)
    os.close(fd)
    print(sum(page & 1 for page in there), flush=True)
`;
const python = spawn("python3", ["-c", WITNESS], {
  stdio: ["pipe", "pipe", "inherit"],
});
const counts = createInterface(python.stdout)[Symbol.asyncIterator]();
const isThere = once(python, "spawn").then(
  () => true,
  () => false,
);
afterAll(() => void python.stdin.end());

async function witness(what: "count" | "evict", file: string): Promise<number> {
  python.stdin.write(`${what} ${file}\n`);
  const { value } = await counts.next();
  return Number(value);
}
const cachedPages = (file: string): Promise<number> => witness("count", file);

const folder = testFolder();
const isSame = (file: string, bytes: Buffer): boolean =>
  fs.readFileSync(file).equals(bytes);

/** null where the kernel lets go of the pages of a file here. */
async function whyNot(): Promise<string | null> {
  if (process.platform !== "linux") return "it is for Linux";
  if (loadNative().addon === null) return "there is no native code";
  if (!(await isThere)) return "there is no python3";
  const probe = folder.file("probe", Buffer.alloc(BYTES, 1));
  return (await witness("evict", probe)) < FEW
    ? null
    : "the file system of the temporary folder is in memory";
}

const reason = await whyNot();
const eio = createEio();
afterAll(() => eio.close());
const { promises } = eio;
const DROP = { cache: "drop" } as const;

describe.skipIf(reason !== null)(`cache: "drop"${reason ?? ""}`, () => {
  let source: string;
  beforeEach(async () => {
    source = folder.file("source", Buffer.alloc(BYTES, 7));
    expect(await witness("evict", source)).toBeLessThan(FEW);
  });

  const reads: Record<string, () => Promise<unknown>> = {
    readFile: () => promises.readFile(source, DROP),
    "readFile as a text": () =>
      promises.readFile(source, { ...DROP, encoding: "latin1" }),
    "the readFile of a handle": async () => {
      const handle = await promises.open(source);
      await handle.readFile(DROP);
      await handle.close();
    },
    "a read stream": async () => {
      let bytes = 0;
      for await (const chunk of eio.fs.createReadStream(source, DROP))
        bytes += (chunk as Buffer).length;
      expect(bytes).toBe(BYTES);
    },
  };
  it.each(Object.keys(reads))(
    "leaves no page behind %s, and those that were there where they were",
    async (name) => {
      await reads[name]!();
      expect(await cachedPages(source)).toBeLessThan(FEW);
      fs.readFileSync(source);
      await reads[name]!();
      expect(await cachedPages(source)).toBeGreaterThan(PAGES - FEW);
    },
  );

  /** Each makes the target of the source's size. */
  const writes: Record<string, (target: string) => Promise<unknown>> = {
    writeFile: (target) =>
      promises.writeFile(target, Buffer.alloc(BYTES, 7), DROP),
    "streams from file to file": (target) =>
      pipeline(
        eio.fs.createReadStream(source, DROP),
        eio.fs.createWriteStream(target, DROP),
      ),
    copyFile: (target) => promises.copyFile(source, target, 0, DROP as never),
    "copyFile past it": async (target) => {
      const options = { cache: "direct", digest: "sha256" } as const;
      const { direct } = await eio.copyFile(source, target, options);
      expect(direct).toBe(true);
    },
    "cp past it": async (target) => {
      fs.rmSync(target, { force: true });
      await promises.cp(source, target, { cache: "direct" });
    },
    "cp over a file that is there": async (target) => {
      fs.writeFileSync(target, "old");
      await promises.cp(source, target, DROP);
    },
    "cp of a tree over one that is there": async (target) => {
      const tree = fs.mkdtempSync(folder.join("tree-"));
      fs.renameSync(source, `${tree}/file`);
      source = `${tree}/file`;
      const old = fs.mkdtempSync(folder.join("old-"));
      fs.writeFileSync(`${old}/file`, "old");
      await promises.cp(tree, old, { recursive: true, cache: "direct" });
      fs.renameSync(`${old}/file`, target);
    },
    "cp of what a link leads to": async (target) => {
      const link = folder.join("link");
      fs.rmSync(link, { force: true });
      fs.symlinkSync(source, link);
      fs.rmSync(target, { force: true });
      await promises.cp(link, target, { dereference: true, ...DROP });
    },
    "cp of a tree": async (target) => {
      const tree = fs.mkdtempSync(folder.join("tree-"));
      fs.renameSync(source, `${tree}/file`);
      const copy = `${tree}-copy`;
      await promises.cp(tree, copy, { recursive: true, ...DROP });
      source = `${tree}/file`;
      fs.renameSync(`${copy}/file`, target);
    },
  };
  it.each(Object.keys(writes))(
    "leaves no page behind %s, of what was read or written",
    async (name) => {
      const target = folder.join("target");
      await writes[name]!(target);
      expect(await cachedPages(source)).toBeLessThan(FEW);
      // What is on its way to the disk is let go when it is there.
      await promises.open(target).then(async (handle) => {
        await handle.sync();
        await handle.close();
      });
      while ((await cachedPages(target)) >= FEW);
      expect(isSame(target, Buffer.alloc(BYTES, 7))).toBe(true);
    },
  );
});

it("a copy that cannot go past the page cache goes through it, and says so", async () => {
  // Nothing of /proc takes O_DIRECT.
  const options = { cache: "direct", digest: "sha256" } as const;
  const target = folder.join("of-proc");
  const { direct } = await eio.copyFile("/proc/self/status", target, options);
  expect(direct).toBe(false);
});

it("is refused by another name, and ignored where realpath of old takes an object of it", async () => {
  await expect(
    promises.readFile(".", { cache: "no-store" } as never),
  ).rejects.toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
  const found = promises.realpath(".", { cache: {} } as never);
  expect(await found).toBe(fs.realpathSync("."));
});

it("copies the data of a file with holes, and leaves the holes holes", async () => {
  const BLOCK = 1 << 20;
  const sparse = folder.join("sparse");
  const fd = fs.openSync(sparse, "w");
  for (const at of [3, 40])
    fs.writeSync(fd, Buffer.alloc(BLOCK, at), 0, BLOCK, at * BLOCK);
  fs.ftruncateSync(fd, 64 * BLOCK);
  fs.closeSync(fd);
  const before = fs.statSync(sparse);
  for (const [name, options] of [
    ["kept", {}],
    ["dropped", DROP],
  ] as const) {
    await promises.copyFile(sparse, folder.join(name), 0, options as never);
    expect(isSame(folder.join(name), fs.readFileSync(sparse))).toBe(true);
    const { size, blocks } = fs.statSync(folder.join(name));
    expect(size).toBe(before.size);
    if (loadNative().addon !== null && before.blocks < 8 * (BLOCK / 512))
      expect(blocks).toBeLessThan(8 * (BLOCK / 512));
  }
});
