// StatWatcher: what watchFile returns, as Node's: an emitter of `change` and `stop` with a count of those who keep the
// process alive for it. It knows listeners, not how a file is looked at.
import { EventEmitter } from "node:events";
import type { Submitter } from "../submitter.ts";
import { nextTick } from "../../util/node-timers.ts";
import { bigStatsFrom, statsFromBig } from "../files/stats.ts";
import { StatPoll } from "./stat-poll.ts";

const EPERM = -1;

export interface WatchOptions {
  persistent: unknown;
  intervalMs: number;
  bigint: unknown;
}

export class StatWatcher extends EventEmitter {
  _handle: StatPoll | null;
  #oldStatus = -1;
  /** How many want the process to live; at most one for each listener. */
  #refs = 1;
  #refsMax = 1;

  constructor(
    engine: Submitter,
    path: string,
    { persistent, intervalMs, bigint }: WatchOptions,
  ) {
    super();
    const make = bigint ? bigStatsFrom : statsFromBig;
    this._handle = new StatPoll(engine, path, intervalMs, (errno, now, old) => {
      // Node's own exception: nothing is said of a file that was out of reach from the beginning.
      if (this.#oldStatus === -1 && errno === EPERM) return;
      this.#oldStatus = errno;
      this.emit("change", make(now), make(old));
    });
    if (!persistent) this.unref();
  }

  /** It does nothing, as in Node: it has begun. */
  start(): void {}

  stop(): void {
    if (this._handle === null) return;
    this._handle.runInAsyncScope(nextTick, process, () => this.emit("stop"));
    this._handle.close();
    this._handle = null;
  }

  ref(): this {
    if (this.#refs === this.#refsMax) return this;
    if (this._handle !== null && this.#refs++ === 0) this._handle.ref();
    return this;
  }

  unref(): this {
    if (this.#refs === 0) return this;
    if (this._handle !== null && --this.#refs === 0) this._handle.unref();
    return this;
  }

  /** Somebody else watches the same file. */
  share(): void {
    this.#refs++;
    this.#refsMax++;
  }

  /** One listener is gone, or (`all`) every one. */
  leave(who: "one" | "all"): void {
    if (who === "one") {
      this.#refsMax--;
      this.unref();
      return;
    }
    this.#refsMax = this.#refs = 0;
    this._handle?.unref();
  }
}
