// cp of one folder with many files, which several threads share: what is copied beside node:fs, which failure is reported, and
// what becomes of it when nobody wants it any more.
import { fault, noFaults, noMoreFaults, struck } from "../helpers/faults.ts";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const { available } = listBackends().threads;
const PARALLEL = 4;
const eio = createEio(
  available ? { backend: "threads", maxParallel: PARALLEL } : {},
);
const folder = testFolder();
const from = folder.join("from");
const to = folder.join("to");
afterAll(() => eio.close());
afterEach(noMoreFaults);
beforeEach(() => {
  for (const at of [from, to]) fs.rmSync(at, { recursive: true, force: true });
  fs.mkdirSync(from);
});

const recursive = { recursive: true } as const;
const ENOSPC = -28;
const OLD_S = 1_000_000;
const numbered = (i: number): string => `file-${String(i).padStart(4, "0")}`;

function plant(files: number, bytes: (i: number) => number): string[] {
  return Array.from({ length: files }, (_, i) => {
    fs.writeFileSync(path.join(from, numbered(i)), Buffer.alloc(bytes(i), i));
    return numbered(i);
  });
}

const sizeOf = (name: string): number | undefined =>
  fs.statSync(path.join(to, name), { throwIfNoEntry: false })?.size;

/** Everything in a folder, with times in whole seconds where they are copied. */
function contents(at: string, withTimes: boolean): unknown[] {
  return fs
    .readdirSync(at)
    .sort()
    .map((name) => {
      const full = path.join(at, name);
      const stats = fs.lstatSync(full);
      return [
        name,
        stats.mode.toString(8),
        withTimes && stats.isFile() && stats.mtimeMs,
        stats.isFile() && fs.readFileSync(full).toString("latin1"),
        stats.isSymbolicLink() && fs.readlinkSync(full),
        stats.isDirectory() && contents(full, withTimes),
      ];
    });
}

describe.skipIf(!available)("a folder of many files", () => {
  /** Sizes on both sides of where a folder is shared, links, folders between the files, modes, times. */
  function grow(): void {
    plant(60, (i) => [0, 1, 700, 4096, 150_000][i % 5]!);
    for (let i = 0; i < 60; i += 7) {
      const at = path.join(from, numbered(i));
      fs.chmodSync(at, 0o440);
      fs.utimesSync(at, OLD_S + i, OLD_S + i);
      fs.symlinkSync(numbered(i), path.join(from, `link-${i}`));
      fs.mkdirSync(path.join(from, `${numbered(i)}-folder/deeper`), recursive);
      for (let j = 0; j < 4; j++)
        fs.writeFileSync(
          path.join(from, `${numbered(i)}-folder/${j}`),
          Buffer.alloc(j * 30_000, j),
        );
    }
  }

  it.each([
    {},
    { preserveTimestamps: true },
    { dereference: true },
    { verbatimSymlinks: true },
    { force: false, errorOnExist: true },
    { filter: (source: string) => !source.endsWith("7") },
  ])("is copied as by node:fs: %o", async (options) => {
    grow();
    const all = { ...recursive, ...options };
    const withTimes = "preserveTimestamps" in options;
    await fs.promises.cp(from, to, all);
    const expected = contents(to, withTimes);
    fs.rmSync(to, recursive);
    await eio.promises.cp(from, to, all);
    expect(contents(to, withTimes)).toEqual(expected);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it.each([
    { force: true, errorOnExist: false },
    { force: false, errorOnExist: false },
    { force: false, errorOnExist: true },
  ])("is copied as by node:fs over what is there: %o", async (options) => {
    grow();
    const outcomes = [];
    for (const { cp } of [fs.promises, eio.promises]) {
      fs.rmSync(to, { recursive: true, force: true });
      fs.mkdirSync(to);
      fs.writeFileSync(path.join(to, numbered(50)), "old");
      const failed = await cp(from, to, { ...recursive, ...options }).catch(
        ({ code, message }: NodeJS.ErrnoException) => [code, message],
      );
      // Where it fails, what came before it depends on the order of the disk.
      outcomes.push(failed ?? contents(to, false));
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it("is copied by one thread where there is no other", async () => {
    const single = createEio({ backend: "threads", maxParallel: 1 });
    grow();
    await single.promises.cp(from, to, recursive);
    expect(contents(to, false)).toEqual(contents(from, false).map(absolute));
    await single.close();
  });

  /** Links lead where they led, by an absolute path. */
  function absolute(entry: unknown): unknown {
    const all = entry as unknown[];
    const target = all[4];
    return typeof target === "string"
      ? [...all.slice(0, 4), path.join(from, target), all[5]]
      : all;
  }
});

describe.skipIf(noFaults ?? !available)("files of one folder", () => {
  const BYTES = 1_000_000;
  /** Some of it is there, and not all. */
  const isOnItsWay = (name: string): boolean => {
    const size = sizeOf(name);
    return size !== undefined && size < BYTES;
  };
  /** Each byte is a call: no file comes to its end before this is taken back. */
  const slowly = (): void => fault("copy_range", 1, 1 << 30);

  it.skipIf(os.availableParallelism() < 2)(
    "are copied by several threads at once",
    async () => {
      const names = plant(4, () => BYTES);
      slowly();
      let copied = false;
      const copying = eio.promises
        .cp(from, to, recursive)
        .finally(() => (copied = true));
      let atOnce = 0;
      while (atOnce < 2 && !copied) {
        atOnce = names.filter(isOnItsWay).length;
        await turn();
      }
      noMoreFaults();
      await copying;
      expect(atOnce).toBe(2);
      expect(contents(to, false)).toEqual(contents(from, false));
    },
  );

  it("are left when the signal aborts, by all who copy them", async () => {
    const names = plant(40, () => BYTES);
    const own = createEio({ backend: "threads", maxParallel: PARALLEL });
    const controller = new AbortController();
    slowly();
    const copying = own.promises.cp(from, to, {
      ...recursive,
      signal: controller.signal,
    });
    while (!names.some(isOnItsWay)) await turn();
    controller.abort();
    await expect(copying).rejects.toMatchObject({ name: "AbortError" });
    // Waits for whoever is still at it.
    await own.close();
    const { length } = names.filter((name) => sizeOf(name) !== undefined);
    expect(length).toBeLessThanOrEqual(PARALLEL);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it("fail at the first that fails in their order, behind all that come before it", async () => {
    const [FILES, BYTES] = [60, 20_000];
    const names = plant(FILES, () => BYTES);
    for (let skip = 0; skip < FILES - 2; skip++) {
      fs.rmSync(to, { recursive: true, force: true });
      // Two that follow each other: mostly on two threads, and either of them may be noted first.
      fault("copy_range", ENOSPC, 2, skip);
      const { path: failed } = await eio.promises
        .cp(from, to, recursive)
        .then(() => expect.unreachable(), asError);
      expect(struck("copy_range")).toBeGreaterThan(0);
      const at = names.indexOf(path.basename(failed!));
      const sizes = names.map(sizeOf);
      expect(sizes.slice(0, at)).toEqual(names.slice(0, at).map(() => BYTES));
      expect(sizes[at]).toBeUndefined();
      expect(sizes.every((size) => (size ?? BYTES) === BYTES)).toBe(true);
    }
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

const asError = (error: unknown): NodeJS.ErrnoException =>
  error as NodeJS.ErrnoException;
