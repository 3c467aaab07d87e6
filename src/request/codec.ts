// Writes a request into a slot and reads a completed slot back. It knows registers, not ops: the
// few things it needs of an op (does data go in or come out) are looked up by code.
import { isAbsolute as isAbsolutePath } from "node:path";
import { ops, registers, opNames } from "../ops/table.ts";
import { Allocator } from "./allocator.ts";
import { Arena } from "./arena.ts";
import { copyBytes } from "./copy.ts";
import type { FaultDetails } from "./errors.ts";
import { readFields } from "./fields.ts";
import {
  ARENA_MAX_BYTES,
  BLOCK_BYTES,
  NO_WD,
  Numbers,
  Outcome,
  RESOLVE_SHIFT,
  SLOT_WORDS,
  Slot,
  SlotFlag,
  Special,
  allocStart,
  arenaStart,
  offsetIn,
} from "./layout.ts";
import type { Memory } from "./memory.ts";
import type { Folder, Request } from "./request.ts";
import { outBytes } from "./results.ts";

/** By code: whether the op's data goes in, comes out, is memory that stays, or there is none (0). */
const Way = { from: 1, into: 2, memory: 3 } as const;
const direction = new Uint8Array(256);
for (const name of opNames) {
  const at = registers[name].indexOf("data");
  if (at === -1) continue;
  const kind = ops[name].params[at]![1] as keyof typeof Way;
  direction[ops[name].code] = Way[kind];
}

export const Encoded = { ok: 0, full: 1, pathTooLong: 2, tooLarge: 3 } as const;
export type Encoded = (typeof Encoded)[keyof typeof Encoded];

export const DATA_MAX_BYTES = ARENA_MAX_BYTES;
/** Of what stays where it lies: the most that Linux transfers at once. */
export const DIRECT_MAX_BYTES = 0x7ffff000;

/** Of buffers that one request writes: their addresses and lengths lie in the slot's block. */
export const BUFFERS_MAX = BLOCK_BYTES / 16;

/** Native code that reads and writes the caller's own memory, where that is cheaper than a copy. */
export interface Direct {
  takes(op: number, bytes: number): boolean;
  /**
   * Leaves the address in the slot; the request keeps the memory alive. False: the address is no
   * multiple of `align`, and the data has to be copied.
   */
  note(slot: number, data: Uint8Array, align: number): boolean;
  /** The same of several, BUFFERS_MAX at most, for an op that takes them. */
  noteAll(slot: number, buffers: readonly Uint8Array[]): void;
}

type Path = string | Uint8Array;

/** An absolute path needs no folder; an empty one leads nowhere, also from there. */
const needsPrefix = (wd: Folder | null, path: Path): wd is Folder =>
  wd !== null && wd.prefix !== null && path.length !== 0 && !isAbsolute(path);

const isAbsolute = (path: Path): boolean =>
  typeof path === "string"
    ? isAbsolutePath(path)
    : isAbsolutePath(Buffer.from(path).toString("latin1"));

function fromFolder(wd: Folder | null, path: Path): Path {
  if (!needsPrefix(wd, path)) return path;
  return typeof path === "string"
    ? wd.prefix + path
    : Buffer.concat([Buffer.from(wd.prefix!), path]);
}

/** See Slot.wd. */
function startOf(wd: Folder | null, path: Path | null): number {
  if (wd === null) return NO_WD;
  if (wd.prefix === null) return wd.fd;
  return path !== null && needsPrefix(wd, path)
    ? NO_WD - Buffer.byteLength(wd.prefix)
    : NO_WD;
}

const isResizable = ({ buffer }: Uint8Array): boolean =>
  (buffer as { resizable?: boolean }).resizable === true;

const mayShrink = ({ data, buffers }: Request): boolean =>
  data !== null ? isResizable(data) : buffers?.some(isResizable) === true;

export class Codec {
  readonly #memory: Memory;
  readonly #arenaStart: number;
  readonly #allocStart: number;
  readonly arena: Arena;
  readonly allocator: Allocator;
  direct: Direct | null = null;

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#arenaStart = arenaStart(memory.sizes);
    this.#allocStart = allocStart(memory.sizes);
    this.arena = new Arena(this.#arenaStart, memory.sizes.arenaBytes);
    this.allocator = new Allocator(memory, memory.pages);
  }

  /** `full` when the arena has no room now: the request has to wait. */
  encode(request: Request, slot: number): Encoded {
    const { words, numbers, bytes } = this.#memory;
    const base = slot * SLOT_WORDS;
    const block = slot * BLOCK_BYTES;
    let used = 0;
    if (request.path !== null) {
      const length = this.#path(
        fromFolder(request.wd, request.path),
        block,
        BLOCK_BYTES,
      );
      if (length < 0) return Encoded.pathTooLong;
      words[base + Slot.path] = length;
      used = length;
    }
    if (request.path2 !== null) {
      const length = this.#path(
        fromFolder(request.wd2, request.path2),
        block + used,
        BLOCK_BYTES - used,
      );
      if (length < 0) return Encoded.pathTooLong;
      words[base + Slot.path2] = length;
      used += length;
    }
    const { data, buffers } = request;
    if (buffers !== null) this.direct!.noteAll(slot, buffers);
    const way = direction[request.op]!;
    const incoming = way === Way.from;
    const length = buffers?.length ?? data?.byteLength ?? 0;
    const need = Math.max(length, request.room);
    let offset = block;
    const placed = this.#placeOf(request);
    const direct =
      placed === -1 &&
      this.#isDirect(request, length) &&
      this.direct!.note(slot, data!, request.align);
    request.lends = direct || placed !== -1 || buffers !== null;
    const stays = request.lends || way === Way.memory;
    if (need > (stays ? DIRECT_MAX_BYTES : DATA_MAX_BYTES))
      return Encoded.tooLarge;
    words[base + Slot.direct] = direct ? 1 : 0;
    if (placed !== -1) offset = placed;
    else if (stays) offset = block;
    else if (incoming ? need > BLOCK_BYTES - used : need > BLOCK_BYTES) {
      offset = this.arena.take(need);
      if (offset === -1) return Encoded.full;
    } else if (incoming) offset = block + used;
    if (incoming && !request.lends) copyBytes(bytes, offset, data!);
    words[base + Slot.op] = request.op;
    words[base + Slot.level] = request.level;
    words[base + Slot.cancelled] = 0;
    words[base + Slot.data] = offset;
    // What is to be filled may have been taken away since; the requested length is still read.
    words[base + Slot.dataBytes] = way === Way.into ? need : length;
    words[base + Slot.room] = way === 0 ? Math.max(need, BLOCK_BYTES) : need;
    words[base + Slot.outBytes] = 0;
    words[base + Slot.outcome] = Outcome.plain;
    words[base + Slot.fd] = request.fd;
    words[base + Slot.ran] = request.sample === null ? 0 : 1;
    words[base + Slot.flags] =
      (request.dropsCache ? SlotFlag.dropsCache : 0) |
      (request.passesCache ? SlotFlag.passesCache : 0) |
      (request.lends && mayShrink(request) ? SlotFlag.shrinks : 0);
    if (request.wd === null && request.wd2 === null)
      words[base + Slot.wd] = words[base + Slot.wd2] = NO_WD;
    else this.#start(request, base);
    const n = (base + Slot.numbers) >> 1;
    numbers[n + Numbers.position] = request.position;
    numbers[n + Numbers.a] = request.a;
    numbers[n + Numbers.b] = request.b;
    numbers[n + Numbers.c] = request.c;
    numbers[n + Numbers.d] = request.d;
    return Encoded.ok;
  }

  #start({ wd, wd2, path, path2 }: Request, base: number): void {
    const { words } = this.#memory;
    words[base + Slot.wd] = startOf(wd, path);
    words[base + Slot.wd2] = startOf(wd2, path2);
    words[base + Slot.resolve] =
      (wd?.resolve ?? 0) | ((wd2?.resolve ?? 0) << RESOLVE_SHIFT);
  }

  /**
   * Where the data lies already, in memory of ours: nothing is copied then. Not for what may end by a
   * signal or at a time: only a copy lets its caller have the memory back at that very moment.
   */
  #placeOf({ op, data, ends, room, align }: Request): number {
    if (data === null || ends !== null || direction[op] === 0) return -1;
    if (room > data.byteLength) return -1;
    const offset = this.allocator.offsetOf(data);
    return (offset & (align - 1)) === 0 ? offset : -1;
  }

  /** Not for what may end by a signal or at a time, as above; memory that is to be locked has no copy. */
  #isDirect(request: Request, length: number): boolean {
    return (
      this.direct !== null &&
      direction[request.op] !== 0 &&
      (request.ends === null || direction[request.op] === Way.memory) &&
      request.room <= length &&
      this.direct.takes(request.op, length)
    );
  }

  /** Gives back the chunk of a slot, if it has one. */
  release(slot: number): void {
    const { words, blocks } = this.#memory;
    const outcome = words[slot * SLOT_WORDS + Slot.outcome];
    if (outcome === Outcome.block) blocks!.dropBlock(slot);
    const offset = offsetIn(words, slot);
    if (offset >= this.#arenaStart && offset < this.#allocStart)
      this.arena.release(offset);
  }

  /** Reads result and value into the request. */
  decode(request: Request, slot: number, result: number): void {
    request.result = result;
    const { words, bytes } = this.#memory;
    const outcome = words[slot * SLOT_WORDS + Slot.outcome];
    if (result >= 0) {
      request.value = request.decode(this.#memory, slot, request);
      return;
    }
    const block = slot * BLOCK_BYTES;
    const end = block + outBytes(this.#memory, slot);
    if (outcome === Outcome.fields)
      request.fault = readFields(bytes.subarray(block, end), result);
    else if (outcome === Outcome.fault) {
      request.fault = JSON.parse(bytes.utf8Slice(block, end)) as FaultDetails;
      // Errors of Node's own JavaScript carry the system's number, which is positive.
      const { errno } = request.fault;
      if (result === Special.fault && errno !== undefined && errno < 0)
        request.result = errno;
    }
  }

  #path(path: string | Uint8Array, at: number, room: number): number {
    if (typeof path !== "string") {
      if (path.byteLength > room) return -1;
      this.#memory.bytes.set(path, at);
      return path.byteLength;
    }
    // Three bytes are the most that one UTF-16 unit becomes.
    if (path.length * 3 > room && Buffer.byteLength(path) > room) return -1;
    return this.#memory.bytes.utf8Write(path, at, room);
  }
}
