// Requests that wait, in nine first-in-first-out queues, one per priority, and how many are in flight on each.
// It reads a request's level and nothing else of it.
//
// Ageing: the head of a lower queue is taken after at most AGEING_SKIPS requests of higher
// priority were taken before it. So a priority is a share (at worst 1 in AGEING_SKIPS + 1), nothing
// waits for ever, and the rule needs no clock. Without ageing priorities are strict, as libeio's.
import { LEVELS, type Request } from "../request/request.ts";
import { List, type Linked } from "../util/list.ts";

export const AGEING_SKIPS = 64;

/** What may wait: it has a level, and links of its own. */
export interface Waiting<Item> extends Linked<Item> {
  level: number;
}

export class Queue<Item extends Waiting<Item> = Request> {
  readonly #levels = Array.from({ length: LEVELS }, () => new List<Item>());
  readonly #skipped = new Int32Array(LEVELS);
  readonly #ageing: boolean;
  /** The levels that the last take() skipped, and what it had counted for the one it took. */
  #aged = 0;
  #skippedBefore = 0;
  /** A bit per level that is not empty. */
  #occupied = 0;
  length = 0;

  constructor(ageing: boolean) {
    this.#ageing = ageing;
  }

  push(request: Item): void {
    this.#levels[request.level]!.push(request);
    this.#occupied |= 1 << request.level;
    this.length++;
  }

  /** Takes back the last take(): the request could not go yet, and nobody was skipped for it. */
  unshift(request: Item): void {
    this.#levels[request.level]!.unshift(request);
    this.#occupied |= 1 << request.level;
    this.length++;
    for (let aged = this.#aged; aged !== 0; aged &= aged - 1)
      this.#skipped[31 - Math.clz32(aged & -aged)]!--;
    this.#skipped[request.level] = this.#skippedBefore;
    this.#aged = 0;
  }

  remove(request: Item): void {
    const list = this.#levels[request.level]!;
    list.remove(request);
    if (list.length === 0) this.#emptied(request.level);
    this.length--;
  }

  /** All, the highest first; each goes on before it is looked further. */
  *requests(): Generator<Item> {
    for (let level = LEVELS - 1; level >= 0; level--) {
      const { first } = this.#levels[level]!;
      for (let item = first; item !== null; item = item.next) yield item;
    }
  }

  /** The highest that somebody waits on; -1: nobody waits. */
  get topLevel(): number {
    return 31 - Math.clz32(this.#occupied);
  }

  /** Is there one above that level? */
  hasAbove(level: number): boolean {
    return this.#occupied >>> (level + 1) !== 0;
  }

  /** The next one, of those above a level (-1: of all). */
  take(above = -1): Item | null {
    const among = this.#occupied & (-1 << (above + 1));
    if (among === 0) return null;
    const level = this.#next(among);
    const list = this.#levels[level]!;
    const request = list.shift();
    if (list.length === 0) this.#emptied(level);
    this.length--;
    return request;
  }

  #next(among: number): number {
    const top = 31 - Math.clz32(among);
    let below = among & ~(1 << top);
    this.#aged = 0;
    this.#skippedBefore = this.#skipped[top]!;
    if (below === 0 || !this.#ageing) return top;
    this.#aged = below;
    let chosen = top;
    for (; below !== 0; below &= below - 1) {
      const level = 31 - Math.clz32(below & -below);
      if (++this.#skipped[level]! > AGEING_SKIPS && chosen === top)
        chosen = level;
    }
    if (chosen !== top) this.#skippedBefore = this.#skipped[chosen]! - 1;
    this.#skipped[chosen] = 0;
    return chosen;
  }

  #emptied(level: number): void {
    this.#occupied &= ~(1 << level);
    this.#skipped[level] = 0;
  }
}

export class Levels {
  readonly #counts = new Int32Array(LEVELS);
  /** A bit per level that has some. */
  #occupied = 0;

  get mixed(): boolean {
    return (this.#occupied & (this.#occupied - 1)) !== 0;
  }

  add(level: number): void {
    if (this.#counts[level]!++ === 0) this.#occupied |= 1 << level;
  }

  remove(level: number): void {
    if (--this.#counts[level]! === 0) this.#occupied &= ~(1 << level);
  }
}
