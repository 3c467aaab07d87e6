// Waits until something may have happened in a folder: a notification of the system's, or, where there is none (a network file system, no
// watches left), some time that has passed. What happened is for the waiting one to find out.
import { watch, type FSWatcher } from "node:fs";
import { AbortError } from "../../request/errors.ts";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";

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

  /** Resolves at once for what happened since the last time; false: this was closed. Rejects when the signal aborts. */
  async wait(signal: AbortSignal | undefined): Promise<boolean> {
    if (!this.#happened && !this.#closed) await this.#sleep(signal);
    if (signal?.aborted === true) throw new AbortError(signal.reason);
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

  #sleep(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(wake, this.#pollMs);
      this.#wake = wake;
      if (signal?.aborted === true) wake();
      else signal?.addEventListener("abort", wake);
    });
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
