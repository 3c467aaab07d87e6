// How many requests are in flight on each priority. While all have the same one, completions are in
// the order of their priorities by themselves, and nothing has to be sorted.
import { LEVELS } from "../request/request.ts";

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
