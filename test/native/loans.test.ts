// Memory of ours that JavaScript has as Buffers: it comes back with the small collections as long as no caller keeps
// it, and with a full one, which is not left out, after it was kept.
import { spawnSync } from "node:child_process";
import { truncateSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  PerformanceObserver,
  constants,
  type PerformanceEntry,
} from "node:perf_hooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { pattern } from "../helpers/bytes.ts";
import { testFolder } from "../helpers/files.ts";
import { isThreadSanitized, memoryFactor } from "../helpers/sanitizers.ts";
import { times } from "../helpers/part.ts";
import { runNode } from "../helpers/run-node.ts";

const MIB = 1 << 20;
const folder = testFolder();
const content = pattern(MIB);
const file = folder.file("large", content);

let fullCollections = 0;
const isFull = (entry: PerformanceEntry): boolean =>
  (entry as { detail?: { kind?: number } }).detail?.kind ===
  constants.NODE_PERFORMANCE_GC_MAJOR;
const observer = new PerformanceObserver((list) => {
  fullCollections += list.getEntries().filter(isFull).length;
});

describe("memory lent to JavaScript", () => {
  let eio: Eio;
  beforeEach(() => {
    observer.observe({ entryTypes: ["gc"] });
    eio = createEio({ backend: "threads" });
  });
  afterEach(async () => {
    observer.disconnect();
    await eio.close();
  });

  it("comes back without full collections when it is not kept", async () => {
    const before = process.memoryUsage.rss();
    fullCollections = 0;
    let most = 0;
    for (let i = 0; i < times(1500, 2); i++) {
      await eio.promises.readFile(file);
      most = Math.max(most, process.memoryUsage.rss());
    }
    await delay(0); // The observer's turn.
    expect(fullCollections).toBeLessThan(8);
    expect(most - before).toBeLessThan(300 * MIB * memoryFactor);
  });

  it("comes back with a full collection after it was kept", async () => {
    let kept: Buffer[] = [];
    for (let i = 0; i < 200; i++) kept.push(await eio.promises.readFile(file));
    for (const one of kept) expect(one.equals(content)).toBe(true);
    let collected = 0;
    const registry = new FinalizationRegistry<null>(() => collected++);
    for (const one of kept) registry.register(one, null);
    kept = [];
    let reads = 0;
    while (collected < 180 && reads++ < 5000) await eio.promises.readFile(file);
    expect(reads).toBeLessThan(5000);
  });

  function collectionsOf(
    name: string,
    count: number,
    depth: number,
    what: "kept" | "dropped",
  ): { small: number; full: number } {
    const program = path.join(import.meta.dirname, "collections.mjs");
    const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program, doors, name, `${count}`, `${depth}`, what],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    return JSON.parse(stdout) as { small: number; full: number };
  }

  function largeFile(bytes: number): string {
    const large = folder.file(`${bytes} bytes`, "");
    truncateSync(large, bytes);
    return large;
  }

  it("costs few scavenges where all of it is kept", () => {
    expect(collectionsOf(file, 100, 1, "kept").small).toBeLessThan(10);
  });

  it("costs one scavenge for several results that are large", () => {
    const { small } = collectionsOf(largeFile(16 * MIB), 60, 1, "dropped");
    expect(small).toBeGreaterThan(0);
    expect(small).toBeLessThan(30);
  });

  it("costs one scavenge for more results than are read at once", () => {
    const { small } = collectionsOf(largeFile(2 * MIB), 480, 16, "dropped");
    expect(small).toBeLessThan(20);
  });

  it("is what it was after it went to another owner", async () => {
    const { buffer } = await eio.promises.readFile(file);
    const moved = structuredClone(buffer, {
      transfer: [buffer as ArrayBuffer],
    });
    expect(buffer.byteLength).toBe(0);
    for (let i = 0; i < 100; i++) await eio.promises.readFile(file);
    expect(Buffer.from(moved).equals(content)).toBe(true);
  });

  it("outlives the thread that read it", () => {
    const program = path.join(import.meta.dirname, "lending-worker.mjs");
    const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
    const sevens = folder.file("sevens", Buffer.alloc(300_000, 7));
    const { signal, stdout, stderr } = spawnSync(
      process.execPath,
      [program, doors, sevens],
      { encoding: "utf8" },
    );
    expect({ signal, stdout, stderr }).toEqual({
      signal: null,
      stdout: "160 of 160",
      stderr: "",
    });
  });

  it("goes back when the thread that it was read for is terminated", async () => {
    const program = path.join(import.meta.dirname, "terminated-memory.mjs");
    const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
    const { stdout, stderr } = await runNode(
      ["--expose-gc", program, doors, file, String(times(20, 3))],
      {
        // malloc keeps an arena for each of many threads, tens of MiB in all, which are not ours.
        env: { ...process.env, MALLOC_ARENA_MAX: "1" },
      },
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^-?\d+$/);
    // Up to 16 results of 1 MiB wait for it.
    expect(Number(stdout)).toBeLessThan(MIB * memoryFactor);
  });

  // ThreadSanitizer keeps as much again for what was given back.
  it.skipIf(isThreadSanitized).each([
    ["stay", 4],
    ["leave", 0],
  ])("goes back to the system when idle threads %s", (_, maxIdle) => {
    const program = path.join(import.meta.dirname, "idle-memory.mjs");
    const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
    const { status, signal } = spawnSync(
      process.execPath,
      ["--expose-gc", program, doors, file, String(maxIdle)],
      { timeout: 100_000 },
    );
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });
});
