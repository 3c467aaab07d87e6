// The native code, if this machine has it: found, loaded once, and seen as TypeScript sees it. This
// is the only file that knows where the addon lies; what its lanes do is not known here.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { debuglog } from "node:util";
import type { Blocks, Memory } from "../request/memory.ts";
import { packageRoot } from "../util/package.ts";
import { shortOfDescriptors } from "../util/shortage.ts";

/** Calls on the caller's own thread. */
export interface Attached extends Omit<Blocks, "takeBlock" | "takeParts"> {
  /** The slot's block, which goes back when this is collected. */
  takeBlock(slot: number): ArrayBuffer;
  takeParts(slot: number, bytes: number): ArrayBuffer[];
  /** Leaves the address of the data in the slot; returns where in a page it lies. */
  note(slot: number, data: Uint8Array): number;
  /** Leaves the addresses and lengths of several in the slot's block. */
  noteAll(slot: number, buffers: readonly Uint8Array[]): void;
  /** Runs the op of a slot; see Special.declined. */
  run(slot: number): number;
}

/** Native code that runs requests for the loop; see native-aio/src/lane.h. */
export interface Lane {
  /** Begins what is listed; returns how many it declined, now at the list's start. */
  flush(count: number): number;
  reap(): void;
  arm(): boolean;
  disarm(): void;
  /** True: something is left to hand over, so a loop that sleeps has to look. */
  cancel(slot: number): boolean;
  /** Why it leaves an op to others; null when it runs it. */
  whyNot(opcode: number): string | null;
  /** How it runs an op, where there is something to say. */
  how(opcode: number): string | null;
  close(): void;
  /** Becomes readable when an armed lane has something; -1: it has none. */
  readonly wakeFd: number;
}

/** The native threads of one instance; see native-aio/src/crew.h. */
export interface Crew {
  /** Starts one more thread: 0, or -errno. */
  start(): number;
  /** Wakes so many of those that sleep. */
  ring(count: number): void;
  /** Has a thread look after what stays queued. */
  watch(): void;
  close(): void;
}

/** A descriptor that is readable while any of several is, one of them its own; see poll-fd.c. */
export interface PollFd {
  readonly fd: number;
  /** Its own, for workers to write to. */
  readonly eventFd: number;
  /** Makes it readable. */
  signal(): void;
  /** Makes it not readable, until the next of them is. */
  empty(): void;
  close(): void;
}

/** Watches whether a socket takes data, by a duplicate of its descriptor. */
export interface Writable {
  readonly fd: number;
  /** Has `ready` called once, when there is room or the peer has gone. */
  arm(): void;
  /** The connection does not end before this. */
  close(): void;
}

/** An inotify instance of the kernel's, or a fanotify group; see native-aio/src/tree-watch.h, fan-object.h. */
export interface TreeWatch {
  /** What a survey has it watch by. */
  readonly fd: number;
  /** Into the bytes what the kernel has noted: how many, or -errno (EAGAIN: nothing more now). */
  read(bytes: Uint8Array): number;
  /** Ends one of its watches. */
  forget(watch: number): void;
  /** The loop does not look at it any more. */
  stop(): void;
  /** That, and the descriptor is closed. */
  close(): void;
}

export interface Addon {
  attach(words: Int32Array, bytes: Uint8Array): Attached;
  /** A text says what is in the way: `what: errno`, or a sentence. */
  openLane(
    name: string,
    control: Int32Array,
    words: Int32Array,
    bytes: Uint8Array,
    list: Int32Array,
    requests: readonly unknown[],
    ring: number,
    slots: number,
    wake: () => void,
  ): Lane | string;
  /** A text says what is in the way. */
  openCrew(
    control: Int32Array,
    crewControl: Int32Array,
    words: Int32Array,
    bytes: Uint8Array,
    requests: readonly unknown[],
    wake: () => void,
  ): Crew | string;
  /** Returns bytes or -errno: ENODATA is not in the page cache, EAGAIN is no room. */
  sendFile(
    socket: number,
    file: number,
    position: number,
    bytes: number,
  ): number;
  /** Returns -errno where the loop cannot watch it. */
  watchWritable(socket: number, ready: () => void): Writable | number;
  /** A text says what is in the way. `noticed` is called as long as there is something to read. */
  watchTree(noticed: () => void): TreeWatch | string;
  /** The same for all of the file systems that the folders are on. */
  watchFileSystems(noticed: () => void): TreeWatch | string;
  whyNotRun(opcode: number): string | null;
  /** A text says what is in the way: `what: errno`. */
  openPollFd(descriptors: Int32Array): PollFd | string;
  /** Makes it the process's uncaught exception, before this returns. */
  raise(error: unknown): void;
  /** Raises RLIMIT_NOFILE to at least that; 0 or -errno. */
  raiseFdLimit(min: number): number;
  /** Ends the process with that code once this thread, which is to end it, does nothing any more. */
  lastExit(code: number): void;
  /** Times of files are set in microseconds from now on, not in nanoseconds. */
  timesInUs(): void;
  /** Closes it when the thread ends, unless dropFd() comes first. */
  holdFd(fd: number): void;
  dropFd(fd: number): void;
  /** What `from` is open on is `to` from then on, and `from` is closed: 0, or -errno. */
  moveFd(from: number, to: number): number;
  /** CRC-32C, going on from that of what came before. */
  crc32c(bytes: Uint8Array, crc: number): number;
  /** How many this process may use, as node:os counts them. */
  processors(): number;
  /**
   * Copies to memory that lies 1 to so many bytes further into its page than their source are slow on this processor;
   * 0: none are. Measured once.
   */
  slowCopies(): number;
  /** What direct transfers of a file need: [memory, file] in bytes; null where it is unknown. */
  dioAlign(fd: number): [number, number] | null;
}

export type Loaded =
  { addon: Addon; file: string } | { addon: null; reason: string };

/**
 * The C library of this Node: its loader is named at the start of the executable. Where that may not be read
 * the usual one is tried: a binary for the other does not load.
 */
function libc(): string {
  let fd: number;
  try {
    fd = fs.openSync(process.execPath, "r");
  } catch {
    return "glibc";
  }
  const start = Buffer.alloc(4096);
  fs.readSync(fd, start);
  fs.closeSync(fd);
  return start.includes("/ld-musl-") ? "musl" : "glibc";
}

/** One that passes for Node, and is not: the addon has libuv watch descriptors, which these do without. */
function otherRuntime(): string | null {
  const { bun, deno } = process.versions;
  if (bun !== undefined) return `Bun ${bun}`;
  return deno === undefined ? null : `Deno ${deno}`;
}

/** What is built here comes before what came along. */
function* candidates(): Generator<string> {
  const setting = process.env["NODE_EIO_NATIVE"];
  if (setting !== undefined && path.isAbsolute(setting)) return yield setting;
  yield path.join(packageRoot, "native-aio/build/Release/node-eio.node");
  yield path.join(packageRoot, "prebuilds", platform(), "node-eio.node");
}

const platform = (): string => `${process.platform}-${process.arch}-${libc()}`;

/** Up to this one, libuv cuts the times that it sets to microseconds. Bun names a libuv that it does not use. */
const CUTTING_UV = [1, 51] as const;
const uv = (process.versions.uv ?? "").split(".").map(Number);
const CUTS_TIMES =
  process.versions["bun"] === undefined &&
  uv[0] === CUTTING_UV[0] &&
  uv[1]! <= CUTTING_UV[1];

let loaded: Loaded | undefined;

/**
 * Never throws: the reason says why there is no native code. A load that failed while no
 * descriptor was left is tried again next time.
 */
export function loadNative(): Loaded {
  if (loaded !== undefined) return loaded;
  const result = load();
  if (result.addon === null && couldBeThere())
    debuglog("eio")("no native code: %s", result.reason);
  if (result.addon !== null || !shortOfDescriptors()) loaded = result;
  return result;
}

/** It is for this system and this runtime, and nobody has forbidden it. */
const couldBeThere = (): boolean =>
  process.platform === "linux" && otherRuntime() === null && !forbidden();

const forbidden = (): boolean =>
  ["0", "off"].includes(process.env["NODE_EIO_NATIVE"] ?? "");

/** NODE_EIO_NATIVE: `off` or 0 forbids it, a path is another build of it (with sanitizers, say). */
function load(): Loaded {
  const setting = process.env["NODE_EIO_NATIVE"];
  if (forbidden())
    return { addon: null, reason: `forbidden by NODE_EIO_NATIVE=${setting}` };
  const other = otherRuntime();
  if (other !== null)
    return {
      addon: null,
      reason: `it is for Node, and ${other} ends the process over it`,
    };
  if (process.platform !== "linux")
    return { addon: null, reason: `it is for Linux, not ${process.platform}` };
  try {
    return loadFirst();
  } catch (error) {
    return { addon: null, reason: (error as Error).message };
  }
}

function loadFirst(): Loaded {
  const require = createRequire(import.meta.filename);
  const reasons: string[] = [];
  for (const file of candidates()) {
    if (!fs.existsSync(file)) {
      if (file === process.env["NODE_EIO_NATIVE"])
        reasons.push(`NODE_EIO_NATIVE names ${file}, which does not exist`);
      continue;
    }
    try {
      const addon = require(file) as Addon;
      if (CUTS_TIMES) addon.timesInUs();
      return { addon, file };
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  const none = `no binary for ${platform()} came along, and none is built`;
  return { addon: null, reason: reasons.join("; ") || none };
}

/** What a worker is to load, too. */
export function nativeFile(): string | null {
  const loaded = loadNative();
  return loaded.addon === null ? null : loaded.file;
}

/** One for each memory: what is made when something is first queued on it takes none then. */
const attachedTo = new WeakMap<Memory, Attached>();

/** For shared memory of one instance; null without native code. */
export function attachNative(memory: Memory): Attached | null {
  const { addon } = loadNative();
  if (addon === null) return null;
  const known = attachedTo.get(memory);
  if (known !== undefined) return known;
  const attached = addon.attach(memory.words, memory.bytes);
  attachedTo.set(memory, attached);
  memory.blocks = {
    takeBlock: (slot) => Buffer.from(attached.takeBlock(slot)),
    takeParts: (slot, bytes) =>
      attached.takeParts(slot, bytes).map((part) => Buffer.from(part)),
    takeText: (slot, wide) => attached.takeText(slot, wide),
    dropBlock: (slot) => attached.dropBlock(slot),
  };
  return attached;
}

/** For event loops other than Node's; a text says why there is none. */
export function openPollFd(descriptors: readonly number[]): PollFd | string {
  const loaded = loadNative();
  if (loaded.addon === null) return `it takes native code (${loaded.reason})`;
  return loaded.addon.openPollFd(Int32Array.from(descriptors));
}
