// What an executor sees of a request: the slot's registers and where its outputs go. It knows the
// layout, not what any op does.
import type { MessagePort } from "node:worker_threads";
import {
  BLOCK_BYTES,
  NO_WD,
  Numbers,
  Outcome,
  RESOLVE_SHIFT,
  SLOT_WORDS,
  Slot,
  offsetIn,
} from "../src/request/layout.ts";
import type { FaultDetails } from "../src/request/errors.ts";
import type { Memory } from "../src/request/memory.ts";
import { placedFs, plainFs } from "./placed-fs.ts";
import {
  Prefixed,
  Within,
  type OpenWithin,
  type PlacedFs,
  type Start,
} from "./places.ts";

/** Where values and faults go that do not fit shared memory. */
export type Port = Pick<MessagePort, "postMessage">;

/** The value went as a message. */
export const MOVED = -200000;

export type Path = string | Buffer;

/** Deno has bytes for paths only where nothing fails: the errors of its functions, and its writeFile, are about texts. */
const PATHS_ARE_TEXT = process.versions["deno"] !== undefined;

export class Frame {
  readonly memory: Memory;
  readonly bytes: Buffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #port: Port;
  readonly #openWithin: OpenWithin | null;
  readonly #both = placedFs(() => [this.#start(0), this.#start(1)]);
  readonly #second = placedFs(() => [this.#start(1), this.#start(1)]);
  readonly #starts: (Start | null)[] = [null, null];
  slot = 0;
  #base = 0;
  #n = 0;

  constructor(
    memory: Memory,
    port: Port,
    openWithin: OpenWithin | null = null,
  ) {
    this.memory = memory;
    this.#openWithin = openWithin;
    this.bytes = memory.bytes;
    this.#words = memory.words;
    this.#numbers = memory.numbers;
    this.#port = port;
  }

  enter(slot: number): void {
    this.slot = slot;
    this.#base = slot * SLOT_WORDS;
    this.#n = (this.#base + Slot.numbers) >> 1;
    this.#starts[0] = this.#starts[1] = null;
  }

  /** Node's functions, for paths that start where the request says; a second path is its second. */
  get fs(): PlacedFs {
    return this.isPlain ? plainFs : this.#both;
  }
  /** The same for functions of one path, which starts where the request's second path does. */
  get fs2(): PlacedFs {
    return this.isPlain ? plainFs : this.#second;
  }
  /** Whether its paths start in the process's own folder. */
  get isPlain(): boolean {
    const words = this.#words;
    const base = this.#base;
    return words[base + Slot.wd] === NO_WD && words[base + Slot.wd2] === NO_WD;
  }

  #start(which: 0 | 1): Start {
    return (this.#starts[which] ??= this.#startOf(which));
  }

  /** The two folders as absolute paths; "" is the process's own. */
  get starts(): { src: string; dest: string; within: boolean } {
    const [src, dest] = [this.#start(0), this.#start(1)];
    return { src: src.folder, dest: dest.folder, within: dest.resolve !== 0 };
  }

  #startOf(which: 0 | 1): Start {
    const wd = this.#words[this.#base + (which === 0 ? Slot.wd : Slot.wd2)]!;
    if (wd === NO_WD) return new Prefixed("");
    if (wd < NO_WD) return new Prefixed(this.#prefix(which, NO_WD - wd));
    const shift = which === 0 ? 0 : RESOLVE_SHIFT;
    const resolve =
      (this.#words[this.#base + Slot.resolve]! >>> shift) & 0xffff;
    return resolve === 0
      ? new Prefixed(`/proc/self/fd/${wd}/`)
      : new Within(wd, resolve, this.#openWithin);
  }

  #prefix(which: 0 | 1, bytes: number): string {
    const first = this.#words[this.#base + Slot.path]!;
    const start = this.slot * BLOCK_BYTES + (which === 0 ? 0 : first);
    return this.bytes.toString("utf8", start, start + bytes);
  }

  get op(): number {
    return this.#words[this.#base + Slot.op]!;
  }
  get fd(): number {
    return this.#words[this.#base + Slot.fd]!;
  }
  get dataOffset(): number {
    return offsetIn(this.#words, this.slot);
  }
  get dataBytes(): number {
    return this.#words[this.#base + Slot.dataBytes]!;
  }
  /** How many bytes outputs may take from dataOffset on. */
  get room(): number {
    return this.#words[this.#base + Slot.room]!;
  }
  get cancelled(): boolean {
    return Atomics.load(this.#words, this.#base + Slot.cancelled) !== 0;
  }
  /** null is the current position, as Node's fs wants it. */
  get position(): number | null {
    const position = this.#numbers[this.#n + Numbers.position]!;
    return position === -1 ? null : position;
  }
  get a(): number {
    return this.#numbers[this.#n + Numbers.a]!;
  }
  get b(): number {
    return this.#numbers[this.#n + Numbers.b]!;
  }
  get c(): number {
    return this.#numbers[this.#n + Numbers.c]!;
  }
  get d(): number {
    return this.#numbers[this.#n + Numbers.d]!;
  }

  /** The path's bytes as the caller gave them, or its text where bytes do not do. */
  get path(): Path {
    return this.#pathAt(this.slot * BLOCK_BYTES, Slot.path, Slot.wd);
  }
  get path2(): Path {
    const first = this.#words[this.#base + Slot.path]!;
    return this.#pathAt(this.slot * BLOCK_BYTES + first, Slot.path2, Slot.wd2);
  }
  #pathAt(start: number, length: number, wd: number): Path {
    const end = start + this.#words[this.#base + length]!;
    const before = NO_WD - this.#words[this.#base + wd]!;
    const from = start + Math.max(0, before);
    return PATHS_ARE_TEXT
      ? this.bytes.toString("utf8", from, end)
      : this.bytes.subarray(from, end);
  }
  /** The bytes that the caller sends. */
  get data(): Buffer {
    return this.bytes.subarray(
      this.dataOffset,
      this.dataOffset + this.dataBytes,
    );
  }

  /** Numbers for the caller: doubles or 64-bit integers from the start of the block on. */
  get firstDouble(): number {
    return (this.slot * BLOCK_BYTES) >>> 3;
  }
  setDouble(index: number, value: number): void {
    this.memory.doubles[this.firstDouble + index] = value;
  }
  setBigint(index: number, value: bigint): void {
    this.memory.bigints[this.firstDouble + index] = value;
  }

  get outBytes(): number {
    return this.#words[this.#base + Slot.outBytes]!;
  }

  /** Says how many bytes were left in the data area; below 0 means no value. */
  setOutBytes(bytes: number): void {
    this.#words[this.#base + Slot.outBytes] = bytes;
  }

  /** Gives the caller a text, in shared memory where it fits. */
  text(text: string, result = 0): number {
    const { room } = this;
    if (text.length * 3 > room && Buffer.byteLength(text) > room)
      return this.move(Buffer.from(text), result);
    this.setOutBytes(this.bytes.utf8Write(text, this.dataOffset, room));
    return result;
  }

  /** Gives the caller bytes, in shared memory where they fit. */
  send(bytes: Uint8Array, result = 0): number {
    if (bytes.byteLength > this.room) return this.move(bytes, result);
    this.bytes.set(bytes, this.dataOffset);
    this.setOutBytes(bytes.byteLength);
    return result;
  }

  /** Moves bytes of the worker's own to the caller: no copy, one message. */
  move(bytes: Uint8Array, result = 0): number {
    const own =
      bytes.byteLength === bytes.buffer.byteLength &&
      bytes.buffer instanceof ArrayBuffer
        ? bytes
        : new Uint8Array(bytes);
    this.post({ value: own, result }, [own.buffer as ArrayBuffer]);
    return MOVED;
  }

  post(
    message: {
      value?: unknown;
      result: number;
      error?: unknown;
      fault?: FaultDetails;
    },
    transfer: ArrayBuffer[] = [],
  ): void {
    this.#port.postMessage({ slot: this.slot, ...message }, transfer);
  }

  /** Leaves the details of a failure in the block; what does not fit (a long path) goes as a message. */
  fail(result: number, details: FaultDetails): number {
    const text = JSON.stringify(details);
    if (
      text.length * 3 > BLOCK_BYTES &&
      Buffer.byteLength(text) > BLOCK_BYTES
    ) {
      this.post({ result, fault: JSON.parse(text) as FaultDetails });
      return MOVED;
    }
    this.#words[this.#base + Slot.outcome] = Outcome.fault;
    const block = this.slot * BLOCK_BYTES;
    this.setOutBytes(this.bytes.utf8Write(text, block, BLOCK_BYTES));
    return result;
  }
}
