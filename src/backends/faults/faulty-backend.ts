// A backend in front of another one: it keeps requests back, lets them fail or transfer less, as a plan decides, and passes
// all others on. It knows neither the rules of the plan nor which backend is behind it.
//
//   queue() --nothing is to happen--> inner
//      |----error----> done --reap()--> the engine
//      |----delay, hang----> held --clock, release()--> inner (or done, with its error)
//      +----reorder--> group --full, or the loop is about to sleep--> a line of one at a time --> inner
import { opByCode } from "../../ops/table.ts";
import type { Direct } from "../../request/codec.ts";
import type { FaultDetails } from "../../request/errors.ts";
import {
  BLOCK_BYTES,
  Outcome,
  SLOT_WORDS,
  Slot,
} from "../../request/layout.ts";
import type { Memory } from "../../request/memory.ts";
import { ECANCELED } from "../../request/request.ts";
import { setImmediate } from "../../util/node-timers.ts";
import type {
  Backend,
  RunnerName,
  Completions,
  Counts,
  MovedValue,
  QueueStatus,
} from "../backend.ts";
import type { MakeBackend } from "../custom-backend.ts";
import type { ThreadLimits } from "../thread-limits.ts";
import type { Decider, Held, Holder, Seen, Strike } from "./decider.ts";
import { SlotReader } from "./seen.ts";
import { shorten } from "./shorten.ts";

const NOBODY = -1;

interface Kept extends Held {
  slot: number;
  strike: Strike;
  /** When it may begin; Infinity until it is released, or its turn comes. */
  dueMs: number;
}

export class FaultyBackend implements Backend, Holder {
  readonly #memory: Memory;
  readonly #completions: Completions;
  readonly #wake: () => void;
  readonly #inner: Backend;
  readonly #plan: Decider;
  readonly #reader: SlotReader;
  /** Of requests with the inner backend whose outcome is of interest here. */
  readonly #opening = new Map<number, Seen>();
  /** They run, and fail whatever becomes of them. */
  readonly #failing = new Map<number, Kept>();
  #kept: Kept[] = [];
  /** By rule: those that wait for others. */
  readonly #groups = new Map<number, Kept[]>();
  /** Reordered: begun one after the other. */
  #line: Kept[] = [];
  #atFront = NOBODY;
  /** The inner backend had no room for them. */
  #stranded: Kept[] = [];
  #done: [slot: number, result: number][] = [];
  #handed = false;
  #armed = false;

  constructor(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    make: MakeBackend,
    plan: Decider,
  ) {
    this.#memory = memory;
    this.#completions = completions;
    this.#wake = wake;
    this.#plan = plan;
    this.#reader = new SlotReader(memory);
    this.#inner = make(
      memory,
      {
        complete: (slot, result, moved) => this.#completed(slot, result, moved),
      },
      () => {
        this.#armed = false;
        wake();
      },
    );
    plan.attach(this);
  }

  get name(): RunnerName {
    return this.#inner.name;
  }
  get direct(): Direct | null {
    return this.#inner.direct;
  }
  /** What runs the requests that nothing happens to. */
  get inner(): Backend {
    return this.#inner;
  }

  supports(opcode: number): boolean {
    return this.#inner.supports(opcode);
  }

  queue(slot: number, apart = false, uncached = false): QueueStatus {
    const seen = this.#reader.see(slot);
    const strike = this.#plan.decide(seen);
    if (strike === null) return this.#pass(slot, seen, apart, uncached);
    this.#keep({
      ...{ slot, seen, strike, dueMs: Infinity },
      hangs: strike.hold === "hang",
    });
    return "queued";
  }

  /** A refusal for want of room is not decided about twice. */
  #pass(
    slot: number,
    seen: Seen,
    apart: boolean,
    uncached: boolean,
  ): QueueStatus {
    this.#note(slot, seen);
    if (this.#inner.queue(slot, apart, uncached) === "busy")
      this.#stranded.push({
        ...{ slot, seen, hangs: false, dueMs: 0 },
        strike: { rule: NOBODY, hold: null, error: null, short: null },
      });
    return "queued";
  }

  #note(slot: number, seen: Seen): void {
    const { result } = opByCode[this.#op(slot)]!;
    if (result === "fd" || seen.op === "dup2") this.#opening.set(slot, seen);
  }

  #keep(kept: Kept): void {
    const { hold, rule } = kept.strike;
    if (hold === null) return this.#begin(kept);
    if (hold === "hang") this.#kept.push(kept);
    else if ("delayMs" in hold) {
      kept.dueMs = this.#plan.nowMs() + hold.delayMs;
      this.#kept.push(kept);
      this.#plan.awaits(kept.dueMs);
    } else {
      const group = this.#groups.get(rule) ?? [];
      group.push(kept);
      this.#groups.set(rule, group);
      if (group.length === hold.reorder) this.#mix(rule, group);
    }
  }

  #mix(rule: number, group: Kept[]): void {
    this.#groups.delete(rule);
    const order = this.#plan.orderOf(rule, group.length);
    this.#line.push(...order.map((at) => group[at]!));
    this.#advanceLine();
  }

  #advanceLine(): void {
    while (this.#atFront === NOBODY && this.#line.length !== 0) {
      const next = this.#line.shift()!;
      if (next.strike.error === null) this.#atFront = next.slot;
      this.#begin(next);
    }
  }

  /** Nothing holds it any more. */
  #begin(kept: Kept): void {
    const { slot, seen, strike } = kept;
    if (this.#isCancelled(slot)) return this.#finish(slot, ECANCELED);
    if (strike.error !== null) {
      // A close that fails has closed all the same.
      if (opByCode[this.#op(slot)]!.closes !== true) {
        this.#describe(slot, seen, strike.error);
        return this.#finish(slot, strike.error.errno);
      }
      this.#failing.set(slot, kept);
    }
    if (strike.short !== null)
      shorten(this.#memory, slot, seen.op, strike.short);
    this.#note(slot, seen);
    if (this.#inner.queue(slot) === "busy")
      this.#stranded.push({ ...kept, strike: { ...strike, short: null } });
    this.#handed = true;
  }

  /** Without a call of its own the error is that of the op. */
  #describe(
    slot: number,
    { path }: Seen,
    { errno, syscall }: NonNullable<Strike["error"]>,
  ): void {
    if (syscall === null) return;
    const details: FaultDetails = { errno, syscall };
    if (path !== null && !onDescriptors.has(syscall)) details.path = path;
    const base = slot * SLOT_WORDS;
    const block = slot * BLOCK_BYTES;
    const text = JSON.stringify(details);
    this.#memory.words[base + Slot.outcome] = Outcome.fault;
    this.#memory.words[base + Slot.outBytes] = this.#memory.bytes.utf8Write(
      text,
      block,
      BLOCK_BYTES,
    );
  }

  #finish(slot: number, result: number): void {
    if (slot === this.#atFront) this.#atFront = NOBODY;
    this.#done.push([slot, result]);
    if (!this.#armed) return;
    this.#armed = false;
    this.#inner.disarm();
    setImmediate(this.#wake);
  }

  #completed(slot: number, result: number, moved?: MovedValue): boolean {
    const opening = this.#opening.get(slot);
    if (opening !== undefined) {
      this.#opening.delete(slot);
      this.#reader.completed(slot, opening, result);
    }
    if (slot === this.#atFront) this.#atFront = NOBODY;
    const failing = this.#failing.get(slot);
    if (failing === undefined)
      return this.#completions.complete(slot, result, moved);
    this.#failing.delete(slot);
    const { seen, strike } = failing;
    this.#describe(slot, seen, strike.error!);
    return this.#completions.complete(slot, strike.error!.errno);
  }

  // --- what the plan does ---

  *held(): Iterable<Held> {
    yield* this.#kept;
    for (const group of this.#groups.values()) yield* group;
    yield* this.#line;
  }

  release(accepts: (seen: Seen) => boolean): number {
    const isFree = ({ hangs, seen }: Kept): boolean => hangs && accepts(seen);
    return this.#let(isFree);
  }

  advanced(): void {
    const nowMs = this.#plan.nowMs();
    this.#kept.sort((a, b) => a.dueMs - b.dueMs);
    this.#let(({ dueMs }) => dueMs <= nowMs);
  }

  #let(isFree: (kept: Kept) => boolean): number {
    const free = this.#kept.filter(isFree);
    this.#kept = this.#kept.filter((kept) => !free.includes(kept));
    for (const kept of free) this.#begin(kept);
    this.#hand();
    return free.length;
  }

  #hand(): void {
    if (!this.#handed) return;
    this.#handed = false;
    this.#inner.flush();
  }

  // --- what the engine does ---

  flush(): void {
    this.#handed = false;
    this.#inner.flush();
  }

  begin(): void {
    this.#inner.begin?.();
  }

  reap(): number {
    let count = 0;
    const done = this.#done;
    // A completion may bring more: those are for the next look.
    this.#done = [];
    while (count < done.length)
      if (!this.#completions.complete(...done[count++]!)) break;
    if (count < done.length) this.#done = done.slice(count).concat(this.#done);
    else count += this.#inner.reap();
    this.#goOn();
    return count;
  }

  #goOn(): void {
    const stranded = this.#stranded;
    this.#stranded = [];
    for (const kept of stranded) this.#begin(kept);
    this.#advanceLine();
    this.#hand();
  }

  /** Nobody else comes in this turn: groups that are not full go as they are. */
  arm(): boolean {
    for (const [rule, group] of this.#groups) this.#mix(rule, group);
    this.#hand();
    if (this.#done.length !== 0 || !this.#inner.arm()) return false;
    this.#armed = true;
    return true;
  }

  disarm(): void {
    this.#armed = false;
    this.#inner.disarm();
  }

  crowded(): boolean {
    return this.#inner.crowded?.() === true;
  }

  cancel(slot: number): boolean {
    if (!this.#has(slot)) return this.#inner.cancel(slot);
    this.#memory.words[slot * SLOT_WORDS + Slot.cancelled] = 1;
    this.#drop((kept) => kept.slot === slot);
    this.#finish(slot, ECANCELED);
    return true;
  }

  #has(slot: number): boolean {
    const lists = [...this.held(), ...this.#stranded] as Kept[];
    return lists.some((kept) => kept.slot === slot);
  }

  #drop(isIt: (kept: Kept) => boolean): void {
    const rest = (list: Kept[]): Kept[] => list.filter((one) => !isIt(one));
    this.#kept = rest(this.#kept);
    this.#line = rest(this.#line);
    this.#stranded = rest(this.#stranded);
    for (const [rule, group] of this.#groups)
      this.#groups.set(rule, rest(group));
  }

  counts(): Counts {
    const { threads, ready, pending } = this.#inner.counts();
    const held = [...this.held()].length + this.#stranded.length;
    return {
      threads,
      ready: ready + held,
      pending: pending + this.#done.length,
    };
  }

  setLimits(limits: ThreadLimits): void {
    this.#inner.setLimits?.(limits);
  }

  spare(count: number, held: number): void {
    this.#inner.spare?.(count, held);
  }

  holder(slot: number): RunnerName {
    return this.#has(slot)
      ? this.name
      : (this.#inner.holder?.(slot) ?? this.name);
  }

  async ready(): Promise<void> {
    await this.#inner.ready?.();
  }

  /** The clock does not move on any more: what is slow is done now, and what hangs does not hold the exit. */
  runHere(): void {
    for (const [rule, group] of this.#groups) this.#mix(rule, group);
    for (const { slot, hangs } of this.#kept)
      if (hangs) this.#done.push([slot, ECANCELED]);
    this.#kept = this.#kept.filter(({ hangs }) => !hangs);
    this.#let(() => true);
    this.#inner.runHere?.();
  }

  wakeFds(): number[] {
    return this.#inner.wakeFds?.() ?? [];
  }

  async close(): Promise<void> {
    this.#plan.detach(this);
    await this.#inner.close();
  }

  #op(slot: number): number {
    return this.#memory.words[slot * SLOT_WORDS + Slot.op]!;
  }

  #isCancelled(slot: number): boolean {
    return this.#memory.words[slot * SLOT_WORDS + Slot.cancelled] !== 0;
  }
}

/** System calls that work on a descriptor: their errors name no path. */
const onDescriptors = new Set(
  opByCode.flatMap((op) =>
    op !== undefined && !op.oneHop && op.params[0]?.[1] === "fd"
      ? [op.syscall]
      : [],
  ),
);
