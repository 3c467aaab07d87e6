// The types of the doors, checked by the compiler (npm run typecheck): what must compile does, and
// each line below an @ts-expect-error must not. Nothing here ever runs.
import type { BigIntStats, Dirent, StatsFs, Stats } from "node:fs";
import type nodeFs from "node:fs";
import type nodePromises from "node:fs/promises";
import { eio, type EioErrorCode } from "../../src/index.ts";
import fs from "../../src/fs.ts";
import * as fsDoor from "../../src/fs.ts";
import * as promisesDoor from "../../src/promises.ts";
import promises, {
  glob,
  mkdtempDisposable,
  open,
  readFile,
  type FileHandle,
} from "../../src/promises.ts";

/** Compiles only where both are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;
declare const exactly: <T>() => <V>(
  value: V,
  ...no: Same<T, V> extends true ? [] : [never]
) => void;
declare const signal: AbortSignal;
declare const buffer: Uint8Array;
const limits = { signal, timeout: 1000, priority: 4 };

// --- where Node's own are wanted, ours will do ---
export const asPromises: Omit<typeof nodePromises, "watch"> = promises;
export const asFs: Omit<typeof nodeFs, "promises"> = fs;
export const asPromisesOfFs: typeof nodeFs.promises = fs.promises;
export const namesAsPromises: typeof nodePromises = promisesDoor;
export const namesAsFs: typeof nodeFs = fsDoor;

export async function dropIn(): Promise<void> {
  const text = await promises.readFile("a", "utf8");
  exactly<string>()(text);
  const bytes = await readFile("a");
  exactly<Buffer<ArrayBuffer>>()(bytes);
  const stats = await promises.stat("a");
  exactly<Stats>()(stats);
  const big = await promises.stat("a", { bigint: true });
  exactly<BigIntStats>()(big);
  const names = await promises.readdir("a");
  exactly<string[]>()(names);
  const entries = await promises.readdir("a", { withFileTypes: true });
  exactly<Dirent>()(entries[0]!);
  const first = await promises.mkdir("a", { recursive: true });
  exactly<string | undefined>()(first);
}

export async function inTheOptions(): Promise<void> {
  const text = await promises.readFile("a", { encoding: "utf8", ...limits });
  exactly<string>()(text);
  const bytes = await promises.readFile("a", limits);
  exactly<Buffer<ArrayBuffer>>()(bytes);
  const big = await promises.stat("a", { bigint: true, priority: 1 });
  exactly<BigIntStats>()(big);
  const stats = await promises.lstat("a", { timeout: 1 });
  exactly<Stats>()(stats);
  const room = await promises.statfs("a", limits);
  exactly<StatsFs>()(room);
  const entries = await promises.readdir("a", {
    withFileTypes: true,
    priority: -4,
  });
  exactly<Dirent>()(entries[0]!);
  const first = await promises.mkdir("a", { recursive: true, signal });
  exactly<string | undefined>()(first);
  const link = await promises.readlink("a", {
    encoding: "buffer",
    priority: 1,
  });
  exactly<Buffer<ArrayBuffer>>()(link);
  await promises.writeFile("a", "b", { flush: true, ...limits });
  await promises.appendFile("a", "b", { mode: 0o600, ...limits });
  await promises.rm("a", { recursive: true, ...limits });
  await promises.rmdir("a", limits);
  await promises.cp("a", "b", { recursive: true, ...limits });
  await promises.mkdtemp("a", limits);
  await promises.realpath("a", limits);
  await promises.opendir("a", { bufferSize: 64, ...limits });
}

export async function asOneMoreArgument(): Promise<void> {
  await promises.access("a", 0, limits);
  await promises.chmod("a", 0o600, limits);
  await promises.chown("a", 0, 0, limits);
  await promises.lchown("a", 0, 0, limits);
  await promises.copyFile("a", "b", 0, limits);
  await promises.link("a", "b", limits);
  await promises.rename("a", "b", limits);
  await promises.symlink("a", "b", "file", limits);
  await promises.symlink("a", "b", undefined, limits);
  await promises.truncate("a", 0, limits);
  await promises.unlink("a", limits);
  await promises.utimes("a", 0, 0, limits);
  await promises.lutimes("a", 0, 0, limits);
  // @ts-expect-error the mode comes first
  await promises.access("a", limits);
  // @ts-expect-error so does the length
  await promises.truncate("a", limits);
  // @ts-expect-error there is no such option
  await promises.unlink("a", { priorty: 1 });
  // @ts-expect-error a number
  await promises.unlink("a", { priority: "high" });
  // @ts-expect-error a number
  await promises.readFile("a", { encoding: "utf8", timeout: "1s" });
}

export async function handles(): Promise<void> {
  const handle = await open("a", "r", 0o666, limits);
  exactly<FileHandle>()(handle);
  const plain: nodePromises.FileHandle = handle;
  const read = await handle.read(buffer, 0, 1, 0, limits);
  exactly<Uint8Array>()(read.buffer);
  await handle.read({ buffer, position: 0, ...limits });
  const text = await handle.readFile({ encoding: "utf8", ...limits });
  exactly<string>()(text);
  const big = await handle.stat({ bigint: true, priority: 1 });
  exactly<BigIntStats>()(big);
  await handle.write("text", null, "utf8", limits);
  await handle.appendFile("text", { encoding: "utf8", ...limits });
  await handle.chmod(0o600, limits);
  await handle.sync(limits);
  await promises.writeFile(handle, "text", limits);
  await promises.readFile(plain, "utf8");
  handle.on("close", () => {});
}

export async function later(): Promise<void> {
  for await (const name of glob("*", { exclude: ["a"], ...limits }))
    exactly<string>()(name);
  for await (const entry of promises.glob("*", { withFileTypes: true }))
    exactly<Dirent>()(entry);
  const folder = await mkdtempDisposable("a", limits);
  exactly<string>()(folder.path);
  await folder.remove();
}

export function callbacks(): void {
  fs.readFile("a", (_error, data) => exactly<Buffer<ArrayBuffer>>()(data));
  fs.readFile("a", { encoding: "utf8", ...limits }, (_error, data) =>
    exactly<string>()(data),
  );
  fs.stat("a", { bigint: true, ...limits }, (_error, stats) =>
    exactly<BigIntStats>()(stats),
  );
  fs.rename("a", "b", limits, () => {});
  fs.unlink("a", limits, () => {});
  fs.access("a", 0, limits, () => {});
  fs.open("a", "r", 0o666, limits, (_error, fd) => exactly<number>()(fd));
  fs.truncate("a", 0, limits, () => {});
  fs.rm("a", { force: true, ...limits }, () => {});
  fs.fsync(1, limits, () => {});
  fs.read(1, buffer, { position: 0, ...limits }, (_error, count, into) => {
    exactly<number>()(count);
    exactly<Uint8Array>()(into);
  });
  fs.createReadStream("a", { start: 1, ...limits });
  fs.glob("*", (_error, matches) => exactly<string[]>()(matches));
  // @ts-expect-error flags and mode come first
  fs.open("a", limits, () => {});
  // @ts-expect-error so does the mode
  fs.access("a", limits, () => {});
  // @ts-expect-error synchronous functions are Node's own
  fs.unlinkSync("a", limits);
}

export async function instances(): Promise<void> {
  const text = await eio.promises.readFile("a", "utf8");
  exactly<string>()(text);
  await eio.statMany(["a"], { priority: 1 });
  // @ts-expect-error it is a number
  eio.setLimits({ maxParallel: "4" });
}

export function errors(code: EioErrorCode): void {
  exactly<
    | "ERR_EIO_CLOSED"
    | "ERR_EIO_REENTRANT"
    | "ERR_EIO_POLL_FD"
    | "ERR_EIO_WORKER_LOST"
    | "ERR_EIO_BACKEND_UNAVAILABLE"
    | "ERR_EIO_INVALID_OPTION"
    | "ERR_EIO_UNKNOWN_LANE"
    | "ERR_EIO_CUSTOM"
    | "ERR_EIO_UNCLONEABLE"
    | "ERR_EIO_GROUP"
    | "ERR_EIO_TOO_LARGE"
    | "ERR_EIO_WD"
    | "ERR_EIO_WD_CLOSED"
    | "ERR_EIO_NO_MEMORY"
    | "ERR_EIO_GROUP_CLOSED"
    | "ERR_EIO_BENEATH_UNAVAILABLE"
    | "ERR_EIO_FILE_CHANGED"
    | "ERR_EIO_LOG_CLOSED"
    | "ERR_EIO_LOG_CORRUPT"
    | "ERR_EIO_LOG_LOCKED"
    | "ERR_EIO_LOCK_UNAVAILABLE"
    | "ERR_EIO_LEASE_LOST"
    | "ERR_EIO_NOT_INSTALLED"
    | "ERR_EIO_EXECUTOR_CLOSED"
    | "ERR_EIO_EXECUTOR_FULL"
    | "ERR_EIO_SESSION_ENDED"
    | "ERR_EIO_SESSION_RESET"
    | "ERR_EIO_SESSION_LOST"
    | "ERR_EIO_SESSION_BUSY"
    | "ERR_EIO_CALL_SKIPPED"
  >()(code);
}

// --- an executor whose module is known ---
interface Database {
  open(thread: { data: unknown }): void;
  reset(): void;
  find(id: number): Promise<{ name: string }>;
  count(): number;
  page(): Buffer;
  rows(sql: string): Iterable<[number]>;
  later(): AsyncIterable<string>;
  readonly users: { add(name: string, age?: number): bigint };
  readonly scan: {
    (size: number, options: { signal: AbortSignal }): string;
    takesSignal: boolean;
  };
}
export async function typedExecutor(): Promise<void> {
  const db = eio.executor<Database>("db");
  exactly<{ name: string }>()(await db.call("find", [1], { timeout: 1 }));
  exactly<number>()(await db.call("count"));
  exactly<Uint8Array>()(await db.call("page"));
  exactly<bigint>()(await db.call("users.add", ["a"]));
  exactly<string>()(await db.call("scan", [1]));
  const session = await db.session();
  exactly<number>()(await session.call("count", [], { priority: 1 }));
  for await (const row of session.stream("rows", ["select"]))
    exactly<[number]>()(row);
  for await (const text of db.stream("later")) exactly<string>()(text);
  // @ts-expect-error: the module has no such function
  await db.call("fnid", [1]);
  // @ts-expect-error: executors call it themselves
  await db.call("open", [{ data: 1 }]);
  // @ts-expect-error: an argument of another type
  await db.call("find", ["1"]);
  // @ts-expect-error: an argument is missing
  await db.call("find");
}

export async function untypedExecutor(): Promise<void> {
  const db = eio.executor("db");
  exactly<unknown>()(await db.call("anything", [1, "a"], { signal }));
  exactly<number>()(await db.call<number>("count"));
  for await (const row of db.stream<string>("rows")) exactly<string>()(row);
}
