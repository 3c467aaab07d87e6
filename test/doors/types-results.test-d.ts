// What statMany, readFiles, custom and the calls of executors are inferred to give, for each of their options. As in types.test-d.ts, what must
// compile does (npm run typecheck), and nothing here ever runs.
import type { BigIntStats, Stats } from "node:fs";
import type * as zlib from "node:zlib";
import { expectTypeOf } from "vitest";
import { eio } from "../../src/index.ts";

type Settled<T> = Promise<PromiseSettledResult<T>[]>;
declare const signal: AbortSignal;
declare const maybe: boolean;
declare const encoding: BufferEncoding | null;
const terms = { signal, timeout: 1000, priority: 4, lane: "archive" };
const paths = ["a", new URL("file:///b"), Buffer.from("c")] as const;

// --- statMany: bigint ---
expectTypeOf(eio.statMany(paths)).toEqualTypeOf<Settled<Stats>>();
expectTypeOf(eio.statMany(paths, terms)).toEqualTypeOf<Settled<Stats>>();
expectTypeOf(eio.statMany(["a"], { bigint: false, ...terms })).toEqualTypeOf<
  Settled<Stats>
>();
expectTypeOf(eio.statMany(["a"], { bigint: undefined })).toEqualTypeOf<
  Settled<Stats>
>();
expectTypeOf(eio.statMany(["a"], { bigint: true, ...terms })).toEqualTypeOf<
  Settled<BigIntStats>
>();
expectTypeOf(eio.statMany(["a"], { bigint: maybe })).toEqualTypeOf<
  Settled<Stats | BigIntStats>
>();
// @ts-expect-error there is no such option
void eio.statMany(["a"], { bigInt: true });

// --- readFiles: encoding ---
type Data = Buffer<ArrayBuffer>;
expectTypeOf(eio.readFiles(paths)).toEqualTypeOf<Settled<Data>>();
expectTypeOf(eio.readFiles(["a"], terms)).toEqualTypeOf<Settled<Data>>();
expectTypeOf(
  eio.readFiles(["a"], { encoding: null, flag: "r", ...terms }),
).toEqualTypeOf<Settled<Data>>();
expectTypeOf(eio.readFiles(["a"], "utf8")).toEqualTypeOf<Settled<string>>();
expectTypeOf(
  eio.readFiles(["a"], { encoding: "latin1", ...terms }),
).toEqualTypeOf<Settled<string>>();
expectTypeOf(eio.readFiles(["a"], { encoding })).toEqualTypeOf<
  Settled<string | Data>
>();
// @ts-expect-error there is no such encoding
void eio.readFiles(["a"], "utf9");

// --- custom: the function's type ---
const gzipSync = { name: "gzipSync" };
expectTypeOf(eio.custom("node:zlib", ["a"], gzipSync)).toEqualTypeOf<
  Promise<unknown>
>();
expectTypeOf(eio.custom("./a.mjs")).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(
  eio.custom<typeof zlib.gzipSync>("node:zlib", ["a"], gzipSync),
).toEqualTypeOf<Promise<Uint8Array>>();
expectTypeOf(
  eio.custom<typeof zlib.gzipSync>("node:zlib", ["a", { level: 1 }], {
    ...gzipSync,
    ...terms,
  }),
).toEqualTypeOf<Promise<Uint8Array>>();
expectTypeOf(
  eio.custom<(id: number) => Promise<{ name: string }>>("./a.mjs", [1]),
).toEqualTypeOf<Promise<{ name: string }>>();
expectTypeOf(eio.custom<() => void>("./a.mjs")).toEqualTypeOf<Promise<void>>();
// @ts-expect-error an argument of another type
void eio.custom<typeof zlib.gzipSync>("node:zlib", [1], gzipSync);
// @ts-expect-error an argument is missing
void eio.custom<typeof zlib.gzipSync>("node:zlib");

// --- executors: what arrives of a result ---
interface Module {
  row(id: number): { id: number; blob: Buffer; list: readonly Buffer[] } | null;
  pair(): [Buffer, string];
  made(): Promise<Map<string, Date>>;
  failed(): Error;
  bytes(): Uint16Array;
  rows(): Generator<{ blob: Buffer }>;
  users: { find(name?: string): bigint };
}
const db = eio.executor<Module>("./db.mjs");
expectTypeOf(db.call("row", [1], { timeout: 1 })).toEqualTypeOf<
  Promise<{
    id: number;
    blob: Uint8Array;
    list: readonly Uint8Array[];
  } | null>
>();
expectTypeOf(db.call("pair")).toEqualTypeOf<Promise<[Uint8Array, string]>>();
expectTypeOf(db.call("made")).toEqualTypeOf<Promise<Map<string, Date>>>();
expectTypeOf(db.call("failed", [], { signal })).toEqualTypeOf<Promise<Error>>();
expectTypeOf(db.call("bytes")).toEqualTypeOf<Promise<Uint16Array>>();
expectTypeOf(db.call("users.find", ["a"])).toEqualTypeOf<Promise<bigint>>();
expectTypeOf(db.stream("rows")).toEqualTypeOf<
  AsyncGenerator<{ blob: Uint8Array }, void, void>
>();
const untyped = eio.executor("./db.mjs");
expectTypeOf(untyped.call("row", [1])).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(untyped.call<string>("row", [1])).toEqualTypeOf<Promise<string>>();
