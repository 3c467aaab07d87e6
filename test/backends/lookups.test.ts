// Which of several lookups go to threads: by a clock and threads of the test's own, and on real threads, one of which hangs.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { Lookups } from "../../src/backends/lookups.ts";
import { listBackends } from "../../src/backends/select.ts";
import { cores } from "../../src/backends/thread-limits.ts";
import { testFolder } from "../helpers/files.ts";

const SLOTS = 64;
/** As long as it takes for those under way to count no more, however it is divided. */
const LONG_MS = 20;

function setUp({ processors = 2, threads = true } = {}) {
  const state = { soon: true, looks: 0, now: 0 };
  const beginsSoon = (): boolean => {
    state.looks++;
    return state.soon;
  };
  const lookups = new Lookups(
    SLOTS,
    threads ? { beginsSoon } : null,
    () => processors,
    () => state.now,
  );
  /** One after the other in a slot; how many of them were for threads. */
  const singly = (count: number, slot = 1): number => {
    let handed = 0;
    for (let i = 0; i < count; i++) {
      if (lookups.begin(slot)) handed++;
      lookups.end(slot);
    }
    return handed;
  };
  return { lookups, state, singly };
}

describe("a lookup", () => {
  it("alone is the loop's own", () => {
    expect(setUp().singly(1000)).toBe(0);
  });

  it("beside another is for threads", () => {
    const { lookups } = setUp();
    expect(lookups.begin(1)).toBe(false);
    expect(lookups.begin(2)).toBe(true);
    expect(lookups.begin(3)).toBe(true);
  });

  it("is for threads still when all that were under way have ended together", () => {
    const { lookups } = setUp();
    lookups.begin(1);
    for (let i = 0; i < 100; i++) {
      expect(lookups.begin(2)).toBe(true);
      lookups.end(1);
      lookups.end(2);
      expect(lookups.begin(1)).toBe(true);
    }
  });

  it("alone is soon the loop's own again", () => {
    const { lookups, singly } = setUp();
    lookups.begin(1);
    lookups.begin(2);
    lookups.end(1);
    lookups.end(2);
    expect(singly(3)).toBeLessThan(3);
    expect(singly(100)).toBe(0);
  });

  it("is the loop's own beside one that hangs", () => {
    const { lookups, state, singly } = setUp();
    lookups.begin(60);
    singly(100);
    state.now += LONG_MS;
    singly(100);
    state.now += LONG_MS;
    singly(100);
    expect(singly(1000)).toBe(0);
    lookups.end(60);
    expect(singly(1000)).toBe(0);
    expect(lookups.begin(1)).toBe(false);
    expect(lookups.begin(2)).toBe(true);
  });

  it("is for threads beside others that come and go, for however long", () => {
    const { lookups, state } = setUp();
    for (let slot = 0; slot < 4; slot++) lookups.begin(slot);
    let own = 0;
    for (let i = 0; i < 10_000; i++, state.now += 0.05) {
      lookups.end(i % 4);
      if (!lookups.begin(i % 4)) own++;
    }
    expect(own).toBe(0);
  });

  it("is the loop's own while threads do not get on", () => {
    const { lookups, state } = setUp();
    state.soon = false;
    for (let slot = 0; slot < 8; slot++)
      expect(lookups.begin(slot)).toBe(false);
    state.soon = true;
    expect(lookups.begin(8)).toBe(true);
  });

  it("of many is handed over without a look at the threads each, and a few at most once they do not get on", () => {
    const { lookups, state } = setUp();
    for (let slot = 0; slot < 32; slot++) lookups.begin(slot);
    expect(state.looks).toBeLessThan(8);
    state.soon = false;
    let handed = 0;
    for (let slot = 32; slot < 64; slot++) if (lookups.begin(slot)) handed++;
    expect(handed).toBeLessThan(8);
  });

  it.each([
    ["there is one processor", { processors: 1 }],
    ["there are no threads", { threads: false }],
  ])("is the loop's own where %s", (_where, machine) => {
    const { lookups } = setUp(machine);
    for (let slot = 0; slot < 8; slot++)
      expect(lookups.begin(slot)).toBe(false);
  });
});

const { nowait, threads } = listBackends();
const folder = testFolder();

describe.skipIf(!nowait.available || !threads.available || cores() < 2)(
  "with backend auto",
  () => {
    let eio: Eio;
    const fifo = (name: string): string => {
      const path = folder.join(name);
      execFileSync("mkfifo", [path]);
      return path;
    };
    afterEach(() => eio.close());

    it("one lookup after the other starts no thread, and several at once do", async () => {
      eio = createEio({ backend: "auto" });
      const file = folder.file("file", "content");
      for (let i = 0; i < 20; i++) await eio.promises.stat(file);
      expect(eio.nthreads).toBe(0);
      await Promise.all(
        Array.from({ length: 4 }, () => eio.promises.stat(file)),
      );
      expect(eio.nthreads).toBeGreaterThan(0);
    });

    it("what is cached is found, several at once, while everything that threads run hangs", async () => {
      eio = createEio({ backend: "auto", maxParallel: 2 });
      const file = folder.file("beside", "content");
      const fifos = ["a", "b"].map((name) => fifo(name));
      const opening = fifos.map((path) => eio.promises.open(path, "r"));
      while (eio.nthreads < 2) await new Promise(setImmediate);
      const sizes: number[] = [];
      for (let i = 0; i < 50; i++) {
        // Were it handed to threads, it would wait for the fifos' writers, and so would this.
        const found = await Promise.all([
          eio.promises.stat(file),
          eio.promises.readFile(file),
        ]);
        sizes.push(found[0].size, found[1].length);
      }
      expect(new Set(sizes)).toEqual(new Set([7]));
      const writers = fifos.map((path) => fs.openSync(path, "r+"));
      for (const handle of await Promise.all(opening)) await handle.close();
      for (const writer of writers) fs.closeSync(writer);
    });
  },
);
