// Small files that wait one behind the other are read together by a ring of a thread's (see native-aio/src/small-files.h): what
// comes of that is what comes of each by itself, whatever they are, and what would wait holds none of the others up.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { Router } from "../../src/backends/route.ts";
import { listBackends } from "../../src/backends/select.ts";
import { pattern } from "../helpers/bytes.ts";
import { closeEngines, makeEngine, send } from "../helpers/engine.ts";
import { Fifo } from "../helpers/fifo.ts";
import { descriptorsBelow, Gate, testFolder } from "../helpers/files.ts";
import { plainEnv } from "../helpers/sanitizers.ts";
import { turn, until } from "../helpers/until.ts";

const { uring, threads } = listBackends();
const skip = uring.available && threads.available ? null : "no ring";
const TOO_LARGE = 2 ** 31;
const memory = testFolder();
const disk = fs.mkdtempSync(path.join("/var/tmp", "eio-small-files-"));
const folders = [memory.path, disk];
afterAll(() => fs.rmSync(disk, { recursive: true, force: true }));

/** The room of a slot is 8,192 bytes. */
const sizes = [0, 1, 100, 4096, 8190, 8191, 8192, 8193, 20_000, 300_000];
const kinds = [
  ...sizes.map((bytes) => `of-${bytes}`),
  "text",
  "no-text",
  "folder",
  "link",
  "dangling",
  "loop",
  "absent",
  "link-to-folder/inside",
  "of-1/below-a-file",
  "too-large",
  "/proc/self/cmdline",
  "/proc/self/status",
  "/dev/null",
] as const;

function make(folder: string): void {
  const file = (name: string, data: string | Uint8Array): void =>
    fs.writeFileSync(path.join(folder, name), data);
  for (const bytes of sizes) file(`of-${bytes}`, pattern(bytes));
  file("text", "ä€𝄞 ".repeat(100));
  file("no-text", Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62]));
  fs.mkdirSync(path.join(folder, "folder"));
  file("folder/inside", "inside");
  fs.symlinkSync("of-4096", path.join(folder, "link"));
  fs.symlinkSync("folder", path.join(folder, "link-to-folder"));
  fs.symlinkSync("nothing", path.join(folder, "dangling"));
  fs.symlinkSync("loop", path.join(folder, "loop"));
  file("too-large", "");
  fs.truncateSync(path.join(folder, "too-large"), TOO_LARGE);
}

type Outcome = string | { code: unknown; message: string };

async function outcome(read: Promise<Buffer | string>): Promise<Outcome> {
  try {
    const content = await read;
    return typeof content === "string" ? content : content.toString("latin1");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
}

describe.skipIf(skip !== null)("small files, read together", () => {
  let eio: Eio;
  beforeAll(() => {
    for (const folder of folders) make(folder);
    eio = createEio();
  });
  afterEach(async () => {
    await closeEngines();
    for (const folder of folders) expect(descriptorsBelow(folder)).toEqual([]);
  });
  afterAll(() => eio.close());

  it.each([["in memory"], ["on a disk"]])(
    "are those that waited behind a request, %s",
    async (where) => {
      const folder = where === "in memory" ? memory.path : disk;
      const engine = makeEngine({ backend: "auto", maxParallel: 1 });
      const { threads } = engine.backend as Router;
      const gate = new Gate(memory, `gate-${where.replaceAll(" ", "-")}`);
      const first = gate.block(engine);
      const file = path.join(folder, "of-4096");
      const sent = Array.from({ length: 40 }, () =>
        send(engine, "slurp", { path: file }),
      );
      expect(threads!.filesRead).toBe(0);
      // Only from then on they wait: with a gate that is open before, the loop may read them all.
      await turn();
      await gate.release();
      await first.done;
      for (const { done } of sent) {
        const { result, value } = await done;
        expect([result, (value as Buffer).equals(pattern(4096))]).toEqual([
          0,
          true,
        ]);
      }
      // The loop reads a few by itself before it leaves the rest, and on a busy machine the kernel may have to wait for some.
      expect(threads!.filesRead).toBeGreaterThan(0);
    },
  );

  it("are not where threads were chosen by name, or nothing but threads may run", async () => {
    const engine = makeEngine({ backend: "threads" });
    const file = memory.join("of-100");
    const sent = Array.from({ length: 100 }, () =>
      send(engine, "slurp", { path: file }),
    );
    for (const { done } of sent) expect((await done).result).toBe(0);
    expect((engine.backend as Router).threads!.filesRead).toBe(0);
  });

  it("end as each does by node:fs, whatever they are", async () => {
    const one = fc.record({
      kind: fc.constantFrom(...kinds),
      folder: fc.constantFrom(...folders),
      encoding: fc.constantFrom(null, "utf8" as const, "latin1" as const),
    });
    /** What is begun together, and left to somebody who wants its path once more. */
    const leftOver = folders.flatMap((folder) =>
      Array.from({ length: 40 }, (_, i) => ({
        kind: i % 2 === 0 ? "too-large" : "of-300000",
        ...{ folder, encoding: null },
      })),
    );
    /** Of each file and encoding once: it stays what it is. */
    const nodes = new Map<string, Outcome>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { minLength: 2, maxLength: 80 }),
        async (files) => {
          const all = files.map(({ kind, folder, encoding }) => ({
            file: kind.startsWith("/") ? kind : path.join(folder, kind),
            encoding,
          }));
          const ours = await Promise.all(
            all.map(({ file, encoding }) =>
              outcome(eio.promises.readFile(file, encoding)),
            ),
          );
          for (const [i, { file, encoding }] of all.entries()) {
            // It holds times of processors.
            if (file === "/proc/self/status") continue;
            const key = `${file} ${encoding}`;
            const known =
              nodes.get(key) ??
              (await outcome(fs.promises.readFile(file, encoding)));
            nodes.set(key, known);
            expect(ours[i]).toEqual(known);
          }
        },
      ),
      { numRuns: 60, examples: [[leftOver]] },
    );
  });

  it("may all be larger than what is read together", async () => {
    const file = path.join(disk, "of-300000");
    const found = await Promise.all(
      Array.from({ length: 200 }, () => eio.promises.readFile(file)),
    );
    for (const content of found)
      expect(content.equals(pattern(300_000))).toBe(true);
  });

  it("are found by a relative path, too", async () => {
    const file = path.relative(process.cwd(), path.join(disk, "of-100"));
    const found = await Promise.all(
      Array.from({ length: 50 }, () => eio.promises.readFile(file)),
    );
    for (const content of found) expect(content).toEqual(pattern(100));
  });

  it("are read as they are after a folder was replaced", async () => {
    const at = path.join(disk, "moving");
    for (let round = 0; round < 20; round++) {
      fs.mkdirSync(at);
      for (let i = 0; i < 10; i++)
        fs.writeFileSync(path.join(at, String(i)), `${round}-${i}`);
      const found = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          eio.promises.readFile(path.join(at, String(i)), "utf8"),
        ),
      );
      expect(found).toEqual(
        Array.from({ length: 10 }, (_, i) => `${round}-${i}`),
      );
      fs.renameSync(at, `${at}-${round}`);
    }
  });

  it("that are cancelled leave the others alone", async () => {
    const file = path.join(disk, "of-4096");
    for (let round = 0; round < 20; round++) {
      const controllers = Array.from(
        { length: 60 },
        () => new AbortController(),
      );
      const reads = controllers.map(({ signal }) =>
        outcome(eio.promises.readFile(file, { signal })),
      );
      for (let i = 0; i < 60; i += 2) controllers[i]!.abort();
      const found = await Promise.all(reads);
      for (const [i, content] of found.entries())
        if (i % 2 === 1) expect(content).toBe(pattern(4096).toString("latin1"));
        else expect(content).toMatchObject({ code: "ABORT_ERR" });
    }
  });
});

describe.each([
  ["in memory", "/dev/shm"],
  ["on a disk", "/var/tmp"],
])("a fifo among small files, %s", (_, parent) => {
  let eio: Eio;
  let made = 0;
  const folder = fs.mkdtempSync(path.join(parent, "eio-fifos-"));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  beforeAll(() => (eio = createEio()));
  afterAll(() => eio.close());

  /** Where files were read a moment ago, so that its folder is known. */
  async function warm(): Promise<() => Promise<Buffer>[]> {
    const files = Array.from({ length: 30 }, (_, i) => {
      const file = path.join(folder, `beside-${i}`);
      fs.writeFileSync(file, pattern(i));
      return file;
    });
    const readAll = (): Promise<Buffer>[] =>
      files.map((file) => eio.promises.readFile(file));
    for (let i = 0; i < 5; i++) await Promise.all(readAll());
    return readAll;
  }
  function fifo(): string {
    const file = path.join(folder, `fifo-${made++}`);
    execFileSync("mkfifo", [file]);
    return file;
  }
  const writer = (file: string, content: string): ReturnType<typeof spawn> =>
    spawn("sh", ["-c", `printf %s "$1" > "$2"`, "sh", content, file], {
      env: plainEnv,
    });

  it("waits for its writer, and holds none of them up", async () => {
    const readAll = await warm();
    const file = fifo();
    const files = readAll();
    const read = eio.promises.readFile(file, "utf8");
    const others = await Promise.all([...files, ...readAll()]);
    expect(others).toHaveLength(60);
    const [code] = (await once(writer(file, "late"), "exit")) as [number];
    expect(code).toBe(0);
    expect(await read).toBe("late");
  });

  it("lets a writer that waits for a reader write", async () => {
    const readAll = await warm();
    const file = fifo();
    const early = writer(file, "early");
    await until(() => isWaiting(early.pid!));
    const files = readAll();
    const read = eio.promises.readFile(file, "utf8");
    const [code] = (await once(early, "exit")) as [number];
    expect(code).toBe(0);
    expect(await read).toBe("early");
    await Promise.all(files);
  });

  it("is one of several, whose writers come in any order", async () => {
    const readAll = await warm();
    const fifos = [fifo(), fifo(), fifo()];
    const files = readAll();
    const reads = fifos.map((file) => eio.promises.readFile(file, "utf8"));
    await Promise.all(files);
    for (const [i, file] of [...fifos.entries()].reverse()) {
      await once(writer(file, `content ${i}`), "exit");
      expect(await reads[i]).toBe(`content ${i}`);
    }
  });

  it("loses nothing of what was in it", async () => {
    const readAll = await warm();
    for (const bytes of [1, 100, 8191, 8192, 20_000, 60_000]) {
      const filled = new Fifo(path.join(folder, `filled-${bytes}`));
      filled.put(7, bytes);
      const files = readAll();
      const read = eio.promises.readFile(filled.path);
      await Promise.all([...files, ...readAll()]);
      filled.close();
      expect(await read).toEqual(Buffer.alloc(bytes, 7));
    }
  });
});

/** In the kernel, for somebody to open the other side. */
function isWaiting(pid: number): boolean {
  const openat = os.arch() === "x64" ? "257 " : "56 ";
  return fs.readFileSync(`/proc/${pid}/syscall`, "latin1").startsWith(openat);
}
