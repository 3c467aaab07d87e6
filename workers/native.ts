// The ops that native code runs on this thread, for a start: what it declines is run by JavaScript.
// It is given the path of the addon that the pool's side has loaded, and does not know what is in it.
import { createRequire } from "node:module";
import { opByCode } from "../src/ops/table.ts";
import { Special } from "../src/request/layout.ts";
import type { Memory } from "../src/request/memory.ts";
import type { Frame } from "./frame.ts";
import type { OpenWithin } from "./places.ts";

interface Addon {
  attach(words: Int32Array, bytes: Uint8Array): { run(slot: number): number };
  whyNotRun(opcode: number): string | null;
  openWithin: OpenWithin;
}

// By its own path: the worker is built as CommonJS, which has no import.meta.
const load = (file: string): Addon => createRequire(file)(file) as Addon;

/** What keeps paths within a folder; null: nothing does. */
export const nativeOpen = (file: string | null): OpenWithin | null =>
  file === null ? null : load(file).openWithin;

export function nativeExecutor(
  file: string | null,
  memory: Memory,
): (frame: Frame) => number {
  if (file === null) return () => Special.declined;
  const addon = load(file);
  const runs = opByCode.map((_op, code) => addon.whyNotRun(code) === null);
  const attached = addon.attach(memory.words, memory.bytes);
  return (frame) =>
    runs[frame.op] === true ? attached.run(frame.slot) : Special.declined;
}
