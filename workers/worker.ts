// A worker of the pool. One piscina task is one resident drain: it takes slots off the shared
// submission rings, runs them with synchronous calls, and returns when it has been idle for long
// or when there are more workers than wanted.
//
//     take -> run -> complete -> take ...
//       | nothing there
//     linger (look for some microseconds: a wake-up costs more) -> sleep on the doorbell
import type { MessagePort } from "node:worker_threads";
import { nameByCode } from "../src/ops/table.ts";
import {
  Control,
  MainState,
  RINGS,
  SLOT_WORDS,
  Slot,
  Special,
  State,
  completionRing,
  submissionRing,
} from "../src/request/layout.ts";
import { Memory, type SharedMemory } from "../src/request/memory.ts";
import { Ring } from "../src/request/ring.ts";
import { execute, type Outcome } from "./execute.ts";
import { MOVED, Frame } from "./frame.ts";

export interface DrainTask {
  shared: SharedMemory;
  index: number;
  port: MessagePort;
}

/** Every so often the lowest ring is looked at first, so that a flood on the highest cannot starve it. */
const LOW_FIRST_EVERY = 64;
/** Fruitless lingerings in a row after which a worker lingers only now and then. */
const LINGER_MISSES_MAX = 8;
const LINGER_RETRY_EVERY = 16;

// Errors of system calls become numbers: their stacks would be made for nobody.
Error.stackTraceLimit = 0;

const executors = nameByCode.map((name) =>
  name === undefined ? undefined : execute[name],
);

export default async function drain({
  shared,
  index,
  port,
}: DrainTask): Promise<void> {
  const memory = new Memory(shared);
  const { control, words } = memory;
  const rings: Ring[] = [];
  for (let i = 0; i < RINGS; i++)
    rings.push(
      new Ring(control, submissionRing(shared.sizes, i), shared.sizes.slots),
    );
  const completions = new Ring(
    control,
    completionRing(shared.sizes, index),
    shared.sizes.slots,
  );
  const frame = new Frame(memory, port);
  const idle = new Idle(control, rings);
  let taken = 0;
  Atomics.add(control, Control.started, 1);

  for (;;) {
    if (
      Atomics.load(control, Control.threads) >
      Atomics.load(control, Control.threadsMax)
    ) {
      if (idle.leave(Control.threadsMax)) break;
    }
    const slot = takeFrom(rings, ++taken % LOW_FIRST_EVERY === 0);
    if (slot === -1) {
      if (idle.wait()) continue;
      break;
    }
    const state = slot * SLOT_WORDS + Slot.state;
    const won = Atomics.compareExchange(
      words,
      state,
      State.queued,
      State.running + index,
    );
    if (won !== State.queued) continue;
    frame.enter(slot);
    let outcome = run(frame);
    if (typeof outcome !== "number") outcome = await outcome;
    if (outcome === MOVED) continue;
    words[slot * SLOT_WORDS + Slot.result] = outcome;
    completions.push(slot);
    if (
      Atomics.load(control, Control.mainState) === MainState.armed &&
      Atomics.compareExchange(
        control,
        Control.mainState,
        MainState.armed,
        MainState.awake,
      ) === MainState.armed
    ) {
      Atomics.add(control, Control.mainBell, 1);
      Atomics.notify(control, Control.mainBell);
    }
  }
  port.close();
}

function takeFrom(rings: Ring[], lowFirst: boolean): number {
  if (lowFirst)
    for (let i = rings.length - 1; i >= 0; i--) {
      const slot = rings[i]!.take();
      if (slot !== -1) return slot;
    }
  for (let i = 0; i < rings.length; i++) {
    const slot = rings[i]!.take();
    if (slot !== -1) return slot;
  }
  return -1;
}

function run(frame: Frame): Outcome {
  try {
    return executors[frame.op]!(frame);
  } catch (error) {
    return failure(frame, error);
  }
}

/** Anything without an errno or a code is a fault of ours and ends this drain. */
function failure(frame: Frame, thrown: unknown): number {
  const error = thrown as NodeJS.ErrnoException & {
    dest?: string;
    info?: unknown;
  };
  const { errno, syscall, path, dest, code, name, info } = error;
  if (
    typeof errno === "number" &&
    errno < 0 &&
    typeof syscall === "string" &&
    info === undefined
  ) {
    frame.describe({
      errno,
      syscall,
      ...(path === undefined ? {} : { path }),
      ...(dest === undefined ? {} : { dest }),
    });
    return errno;
  }
  if (typeof code !== "string") throw thrown;
  const message = error.message.slice(0, 2000);
  frame.describe({ name, message, code, errno, syscall, path, dest, info });
  return Special.fault;
}

/** Waiting for work, and leaving. */
class Idle {
  readonly #control: Int32Array;
  readonly #rings: Ring[];
  #misses = 0;
  #waits = 0;

  constructor(control: Int32Array, rings: Ring[]) {
    this.#control = control;
    this.#rings = rings;
  }

  #work(): boolean {
    for (let i = 0; i < this.#rings.length; i++)
      if (this.#rings[i]!.length !== 0) return true;
    return false;
  }

  /** True: there may be work. False: this worker has left. */
  wait(): boolean {
    const control = this.#control;
    if (this.#linger()) return true;
    const bell = Atomics.load(control, Control.doorbell);
    Atomics.add(control, Control.sleepers, 1);
    if (this.#work() || Atomics.load(control, Control.closing) !== 0) {
      Atomics.sub(control, Control.sleepers, 1);
      return Atomics.load(control, Control.closing) === 0 || !this.leave();
    }
    const timeoutMs = Atomics.load(control, Control.idleTimeoutMs);
    const woken = Atomics.wait(control, Control.doorbell, bell, timeoutMs);
    // Whoever rings takes the woken off the count of sleepers.
    if (woken === "ok") return true;
    const sleepers = Atomics.sub(control, Control.sleepers, 1);
    if (
      woken !== "timed-out" ||
      sleepers <= Atomics.load(control, Control.idleMax)
    )
      return true;
    return !this.leave(Control.threadsMin);
  }

  /** Leaves, unless that many workers (a word of the control area) have to stay. */
  leave(floor?: number): boolean {
    const control = this.#control;
    for (;;) {
      const threads = Atomics.load(control, Control.threads);
      if (floor !== undefined && threads <= Atomics.load(control, floor))
        return false;
      if (
        Atomics.compareExchange(
          control,
          Control.threads,
          threads,
          threads - 1,
        ) === threads
      )
        return true;
    }
  }

  #linger(): boolean {
    const control = this.#control;
    const us = Atomics.load(control, Control.lingerUs);
    if (us === 0) return false;
    if (
      this.#misses >= LINGER_MISSES_MAX &&
      ++this.#waits % LINGER_RETRY_EVERY !== 0
    )
      return false;
    if (
      Atomics.add(control, Control.spinners, 1) >=
      Atomics.load(control, Control.spinnersMax)
    ) {
      Atomics.sub(control, Control.spinners, 1);
      return false;
    }
    const end = performance.now() + us / 1000;
    let found = false;
    do {
      for (let i = 0; i < 32 && !found; i++) found = this.#work();
    } while (!found && performance.now() < end);
    Atomics.sub(control, Control.spinners, 1);
    this.#misses = found ? 0 : this.#misses + 1;
    return found;
  }
}
