// A worker of the pool. One piscina task is one resident drain: it takes slots off the shared
// submission rings, runs them with synchronous calls, and returns when it has been idle for long
// or when there are more workers than wanted.
//
//     take -> run -> complete -> take ...
//       | nothing there
//     linger (look for some microseconds: a wake-up costs more) -> sleep on the doorbell
import type { MessagePort } from "node:worker_threads";
import {
  Control,
  Outcome as SlotOutcome,
  RINGS,
  SLOT_WORDS,
  START,
  Slot,
  Special,
  State,
  completionRing,
  statusWord,
  submissionRing,
} from "../src/request/layout.ts";
import { Memory, type SharedMemory } from "../src/request/memory.ts";
import { ECANCELED } from "../src/request/request.ts";
import { Ring } from "../src/request/ring.ts";
import type { Outcome } from "./execute.ts";
import { MOVED, Frame } from "./frame.ts";
import { Idle } from "./idle.ts";
import { nativeExecutor, nativeOpen } from "./native.ts";
import { ringBell } from "./ring-bell.ts";
import { run } from "./run.ts";
import { ServiceTime } from "./service-time.ts";
import { clockMs } from "../src/util/node-timers.ts";

export interface DrainTask {
  shared: SharedMemory;
  index: number;
  port: MessagePort;
  /** The number of this start; the drain runs only while the pool still counts on it. */
  start: number;
  /** The addon that the pool's side has loaded. */
  native: string | null;
}

export { ownThread, MOVED } from "./own-thread.ts";

/** Every so often a lower ring is looked at first, so that a flood on the highest starves none. */
const LOW_FIRST_EVERY = 64;
export default async function drain({
  shared,
  index,
  port,
  start,
  native,
}: DrainTask): Promise<void> {
  // Errors of system calls become numbers: their stacks would be made for nobody. (It may be frozen.)
  Reflect.set(Error, "stackTraceLimit", 0);
  const memory = new Memory(shared);
  const { control, words } = memory;
  const place = completionRing(shared.sizes, index);
  const begins = Atomics.compareExchange(control, place + START, start, 0);
  if (begins !== start) return port.close();
  const rings: Ring[] = [];
  for (let i = 0; i < RINGS; i++)
    rings.push(
      new Ring(control, submissionRing(shared.sizes, i), shared.sizes.slots),
    );
  const completions = new Ring(control, place, shared.sizes.slots);
  const frame = new Frame(memory, port, nativeOpen(native));
  const runNative = nativeExecutor(native, memory);
  const idle = new Idle(control, rings, statusWord(shared.sizes, index));
  const service = new ServiceTime(control);
  let taken = 0;

  for (;;) {
    if (
      Atomics.load(control, Control.threads) >
      Atomics.load(control, Control.threadsMax)
    ) {
      if (idle.leave(Control.threadsMax)) break;
    }
    const slot = takeFrom(rings, firstRing(taken, control));
    if (slot === -1) {
      if (idle.wait()) continue;
      break;
    }
    taken++;
    const state = slot * SLOT_WORDS + Slot.state;
    const won = Atomics.compareExchange(
      words,
      state,
      State.queued,
      State.running + index,
    );
    let outcome: Outcome = ECANCELED;
    if (won === State.queued) {
      frame.enter(slot);
      const timed = words[slot * SLOT_WORDS + Slot.ran] !== 0;
      const began = service.begin(timed);
      outcome = runNative(frame);
      if (outcome === Special.declined) outcome = run(frame);
      service.end(began);
      if (typeof outcome !== "number") outcome = await outcome;
      if (timed) words[slot * SLOT_WORDS + Slot.ran] = tenthsOfUsSince(began);
    } else Atomics.sub(control, Control.cancelled, 1);
    const word = outcome === MOVED ? Slot.outcome : Slot.result;
    words[slot * SLOT_WORDS + word] =
      outcome === MOVED ? SlotOutcome.moved : outcome;
    completions.push(slot);
    ringBell(control);
  }
  port.close();
}

/** At least 2: 1 requests it. */
const tenthsOfUsSince = (ms: number): number =>
  Math.min(Math.max(2, (clockMs() - ms) * 10_000), 0x7fffffff);

/** Mostly the highest; each lower one once in LOW_FIRST_EVERY, unless priorities are strict. */
function firstRing(taken: number, control: Int32Array): number {
  const turn = LOW_FIRST_EVERY - 1 - (taken % LOW_FIRST_EVERY);
  if (turn >= RINGS || Atomics.load(control, Control.ageing) === 0) return 0;
  return turn;
}

function takeFrom(rings: Ring[], first: number): number {
  if (first !== 0) {
    const slot = rings[first]!.take();
    if (slot !== -1) return slot;
  }
  for (let i = 0; i < rings.length; i++) {
    const slot = rings[i]!.take();
    if (slot !== -1) return slot;
  }
  return -1;
}
