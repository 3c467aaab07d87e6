// How much of a turn's limits may be used, so that the loop's delay stays near a target. The delay is the
// time from one look to the next, so it holds what the owners of results do in their handlers, and what
// everybody else does. It knows times, and no clock of its own.
//
//   delay > target         the share is halved, down to 1 in 64
//   delay < half of it     the share grows by an eighth of a whole, up to all
//
// Down at once and up slowly: a turn that is too long is felt by every socket, one too short by nobody.

const SHARE_MIN = 1 / 64;
const GROWTH = 1 / 8;

export class LoopDelayController {
  readonly targetMs: number;
  share = 1;
  #lookedMs = -1;

  constructor(targetMs: number) {
    this.targetMs = targetMs;
  }

  /** A look begins. */
  look(nowMs: number): void {
    const lookedMs = this.#lookedMs;
    this.#lookedMs = nowMs;
    if (lookedMs === -1) return;
    const delayMs = nowMs - lookedMs;
    if (delayMs > this.targetMs)
      this.share = Math.max(SHARE_MIN, this.share / 2);
    else if (delayMs < this.targetMs / 2)
      this.share = Math.min(1, this.share + GROWTH);
  }

  /** The loop goes to sleep: how long it does is no delay. */
  sleep(): void {
    this.#lookedMs = -1;
  }
}
