// Waits until something may have happened in a folder: a notification of the system's, or, where there is none (a network file system, no
// watches left), some time that has passed. What happened is for the waiting one to find out.
import { watch, type FSWatcher } from "node:fs";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";
import { throwIfAborted, untilWoken, type WaitEnds } from "../waiting.ts";

export class Changes {
  readonly #folder: string;
  readonly #concerns: (name: string) => boolean;
  readonly #pollMs: number;
  #watcher: FSWatcher | null = null;
  /** Since the last wait ended. */
  #happened = false;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(
    folder: string,
    concerns: (name: string) => boolean,
    pollMs: number,
  ) {
    this.#folder = folder;
    this.#concerns = concerns;
    this.#pollMs = pollMs;
    this.#watch();
  }

  /** Resolves at once for what happened since the last time; false: this was closed. Rejects when the signal aborts, or the instance is closed. */
  async wait(ends: WaitEnds): Promise<boolean> {
    throwIfAborted(ends.signal);
    if (!this.#happened && !this.#closed)
      await untilWoken(ends, (wake) => this.#wakeLater(wake));
    this.#happened = false;
    // The folder may have come, or come back.
    if (this.#watcher === null && !this.#closed) this.#watch();
    return !this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#watcher = null;
    this.#wake?.();
  }

  #wakeLater(wake: () => void): () => void {
    const timer = setTimeout(wake, this.#pollMs);
    this.#wake = wake;
    return () => {
      clearTimeout(timer);
      this.#wake = null;
    };
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#folder, (_kind, name) => {
        if (name === null || this.#concerns(name)) this.#note();
      });
      this.#watcher.on("error", () => this.#unwatch());
    } catch {
      this.#watcher = null;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#note();
  }

  #note(): void {
    this.#happened = true;
    this.#wake?.();
  }
}
