// How a lock is waited for: first for one's turn in this instance, then by trying again and again, so that no thread is held
// by it. What a try is, the kind of lock knows.
import { errnoOf, systemError } from "../../request/errors.ts";
import { setTimeout } from "../../util/node-timers.ts";
import type { Terms } from "../terms.ts";
import type { Claim, Lines, Place } from "./line.ts";
import { orEnd } from "../or-end.ts";

export interface Wanted<T> {
  /** As the caller named it: for errors. */
  path: string | Uint8Array;
  /** Of its line. */
  name: string;
  claim: Claim;
  /** false: EAGAIN where somebody else has it. */
  wait: boolean;
  terms: Terms;
  /** The system call in errors. */
  syscall: string;
  /** The longest time between two tries. */
  tryMaxMs: number;
  /** null: somebody else has it. */
  attempt(): Promise<T | null>;
  /** Gives back what came when nobody waited any more. */
  undo(got: T): Promise<void>;
  /** There will be no other try: nothing came of them. */
  giveUp?(): void;
}

export interface Acquired<T> {
  place: Place;
  got: T;
}

const TRY_FIRST_MS = 1;

export async function acquire<T>(
  lines: Lines,
  wanted: Wanted<T>,
): Promise<Acquired<T>> {
  const { path, name, claim, wait, terms, syscall, tryMaxMs } = wanted;
  const failure = (code: string) => (): Error =>
    systemError(errnoOf(code), syscall, path);
  const timedOut = failure("ETIMEDOUT");
  const busy = failure("EAGAIN");
  const line = lines.of(name);
  const place = line.enter(claim);
  let pauseMs = TRY_FIRST_MS;
  try {
    for (;;) {
      terms.throwIfAborted();
      if (terms.timeout === 0) throw timedOut();
      if (!line.mayTry(place)) {
        if (!wait) throw busy();
        const turn = new Promise<void>((wake) => (place.wake = wake));
        await orEnd(terms, timedOut, turn);
        place.wake = null;
        continue;
      }
      const got = await attempted(wanted, timedOut);
      if (got !== null) {
        place.isGranted = true;
        return { place, got };
      }
      if (!wait) throw busy();
      await orEnd(terms, timedOut, pause(pauseMs));
      pauseMs = Math.min(2 * pauseMs, tryMaxMs);
    }
  } catch (error) {
    lines.leave(name, place);
    wanted.giveUp?.();
    // Whichever call was under way then; its timer may have been early by a fraction of a millisecond.
    const isTimeout = (error as NodeJS.ErrnoException).code === "ETIMEDOUT";
    const isOver = terms.timeout !== undefined && terms.timeout < 1;
    throw isTimeout && isOver ? timedOut() : error;
  }
}

/** What comes when the call is over is given back. */
async function attempted<T>(
  { attempt, undo, terms }: Wanted<T>,
  timedOut: () => Error,
): Promise<T | null> {
  let isOver = false;
  const trying = attempt().then(async (got) => {
    if (!isOver || got === null) return got;
    await undo(got);
    return null;
  });
  try {
    return await orEnd(terms, timedOut, trying);
  } catch (error) {
    isOver = true;
    throw error;
  }
}

/** Between half of it and all: those who wait are not to try at the same moments. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.ceil((ms * (1 + Math.random())) / 2));
  });
