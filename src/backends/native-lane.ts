// A lane of native code as a backend: slots are listed, handed over once per turn, and completions
// read from a ring in shared memory. It knows neither ops nor which lane it is.
import { getSystemErrorMap } from "node:util";
import { opByCode, ops } from "../ops/table.ts";
import {
  Control,
  SLOT_WORDS,
  Slot,
  State,
  nativeRing,
} from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { Ring } from "../request/ring.ts";
import type {
  Backend,
  BackendName,
  Completions,
  Counts,
  QueueStatus,
} from "./backend.ts";
import { loadNative, type Lane } from "./native.ts";
import { setImmediate } from "../util/node-timers.ts";

export type LaneName = Extract<BackendName, "uring" | "nowait" | "aio">;
/** The number of a lane is that of its completion ring. */
const RING_OF: Record<LaneName, number> = { uring: 0, nowait: 1, aio: 2 };
/** What looks a path up, or makes sure that it may be closed: several calls each. */
const LOOKUPS: ReadonlySet<number> = new Set([
  ops.open.code,
  ops.close.code,
  ops.stat.code,
  ops.lstat.code,
  ops.slurp.code,
]);
/** What the ring takes when nowait has had a look: of what is in memory it costs a fifth more. */
const AFTER_NOWAIT: ReadonlySet<number> = new Set([
  ops.read.code,
  ops.slurp.code,
]);

export class NativeLane implements Backend {
  readonly name: LaneName;
  readonly direct = null;
  readonly #memory: Memory;
  readonly #words: Int32Array;
  readonly #completions: Completions;
  readonly #lane: Lane;
  readonly #list: Int32Array;
  readonly #done: Ring;
  /** By opcode, as far as somebody wanted to know: a process uses few of all ops. */
  readonly #whyNot: (string | null | undefined)[] = [];
  #listed = 0;
  /** Native code is called only while there is something: a closed lane is not there any more. */
  #inFlight = 0;
  /** The loop sleeps, and native code was not armed: nothing was in flight here. */
  #armedIdle = false;
  readonly #wake: () => void;
  #closed = false;

  private constructor(
    name: LaneName,
    memory: Memory,
    completions: Completions,
    list: Int32Array,
    lane: Lane,
    wake: () => void,
  ) {
    this.name = name;
    this.#wake = wake;
    this.#memory = memory;
    this.#words = memory.words;
    this.#completions = completions;
    this.#list = list;
    this.#lane = lane;
    const { sizes, control } = memory;
    this.#done = new Ring(
      control,
      nativeRing(sizes, RING_OF[name]),
      sizes.slots,
    );
  }

  /** A text says why this machine has it not. */
  static open(
    name: LaneName,
    memory: Memory,
    completions: Completions,
    wake: () => void,
  ): NativeLane | string {
    const loaded = loadNative();
    if (loaded.addon === null) return `no native code: ${loaded.reason}`;
    const { control, words, bytes, requests, sizes } = memory;
    const list = new Int32Array(new SharedArrayBuffer(sizes.slots * 4));
    const ring = nativeRing(sizes, RING_OF[name]);
    const lane = loaded.addon.openLane(
      name,
      control,
      words,
      bytes,
      list,
      requests,
      ring,
      sizes.slots,
      wake,
    );
    return typeof lane === "string"
      ? refusal(lane)
      : new NativeLane(name, memory, completions, list, lane, wake);
  }

  supports(opcode: number): boolean {
    return opByCode[opcode] !== undefined && this.whyNot(opcode) === null;
  }

  /** Why an op is left to others; null when it is not. */
  whyNot(opcode: number): string | null {
    const known = this.#whyNot[opcode];
    if (known !== undefined) return known;
    if (opByCode[opcode] === undefined) return null;
    return (this.#whyNot[opcode] = this.#lane.whyNot(opcode));
  }

  /** It takes of an op only what others have had a look at. */
  comesLast(opcode: number): boolean {
    return this.name === "uring" && AFTER_NOWAIT.has(opcode);
  }

  /** What writes does, but on the ring: to enter it for each costs nearly as much as the write (docs/decisions.md). */
  beginsAtOnce(opcode: number): boolean {
    return this.name !== "uring" && opcode === ops.write.code;
  }

  /** What the page cache takes is done for no less than on a thread, and a thread begins it at once. */
  gainsUncachedOnly(opcode: number): boolean {
    return this.name === "uring" && opcode === ops.write.code;
  }

  /** Done here while the loop waits, one after the other, and by threads beside each other. */
  looksUp(opcode: number): boolean {
    return this.name === "nowait" && LOOKUPS.has(opcode);
  }

  /** How an op is run here, where there is something to say. */
  how(opcode: number): string | null {
    if (this.#closed || !this.supports(opcode)) return null;
    const idleMs = this.#memory.control[Control.sqpollIdleMs]!;
    const polled =
      this.name === "uring" && idleMs !== 0
        ? [`a thread of the kernel's takes it, which sleeps after ${idleMs} ms`]
        : [];
    const how = this.#lane.how(opcode);
    const all = how === null ? polled : [...polled, refusal(how)];
    return all.length === 0 ? null : all.join("; ");
  }

  queue(slot: number): QueueStatus {
    this.#words[slot * SLOT_WORDS + Slot.state] = State.native;
    this.#list[this.#listed++] = slot;
    return "queued";
  }

  flush(): void {
    if (this.#listed === 0) return;
    const count = this.#listed;
    this.#listed = 0;
    const declined = this.#lane.flush(count);
    this.#inFlight += count - declined;
    for (let i = 0; i < declined; i++) {
      const slot = this.#list[i]!;
      this.#completions.complete(slot, this.#resultOf(slot));
    }
    if (this.#armedIdle && this.#inFlight !== 0) {
      this.#armedIdle = false;
      // Done already, perhaps: then nobody else would wake the loop.
      if (!this.#lane.arm()) setImmediate(this.#wake);
    }
  }

  #resultOf(slot: number): number {
    return this.#words[slot * SLOT_WORDS + Slot.result]!;
  }

  reap(): number {
    if (this.#inFlight === 0) return 0;
    if (this.#done.length === 0) this.#lane.reap();
    let count = 0;
    // A callback may hand over more, and that may be done at once: it is for the next look.
    for (let left = this.#done.length; left > 0; left--) {
      const slot = this.#done.shift();
      // What a callback left behind may have polled, and taken the rest.
      if (slot === -1) break;
      count++;
      this.#inFlight--;
      if (!this.#completions.complete(slot, this.#resultOf(slot))) return count;
    }
    return count;
  }

  didAtOnce(): boolean {
    return this.#inFlight !== 0 && this.#done.length !== 0;
  }

  arm(): boolean {
    this.#armedIdle = this.#inFlight === 0;
    return this.#armedIdle || this.#lane.arm();
  }

  disarm(): void {
    this.#armedIdle = false;
    if (this.#inFlight !== 0) this.#lane.disarm();
  }

  /** Where native code has it is not known here. */
  cancel(slot: number): boolean {
    this.#words[slot * SLOT_WORDS + Slot.cancelled] = 1;
    if (this.#inFlight !== 0 && this.#lane.cancel(slot))
      setImmediate(this.#wake);
    return false;
  }

  wakeFds(): number[] {
    return this.#lane.wakeFd < 0 ? [] : [this.#lane.wakeFd];
  }

  counts(): Counts {
    return { threads: 0, ready: this.#listed, pending: this.#done.length };
  }

  close(): Promise<void> {
    if (!this.#closed) {
      // What somebody may still want to know of it.
      opByCode.forEach((_op, code) => this.whyNot(code));
      this.#lane.close();
    }
    this.#closed = true;
    this.#inFlight = 0;
    return Promise.resolve();
  }
}

/** `io_uring_setup: 1` as `io_uring_setup: EPERM (operation not permitted)`. */
function refusal(text: string): string {
  const [, what, errno] = /^(.*): (\d+)$/.exec(text) ?? [];
  const [code, about] = getSystemErrorMap().get(-Number(errno)) ?? [];
  if (code === undefined) return text;
  const cause =
    (code === "EPERM" || code === "ENOSYS") && /setup/.test(what!)
      ? "a seccomp filter, kernel.io_uring_disabled, or a kernel without it"
      : about;
  return `${what}: ${code} (${cause})`;
}
