// A resident drain is a task without end, and a pool's task keeps the process alive: this lets an
// idle process exit. It knows how to reach what is kept of a worker, not what the worker does.
import { queueMicrotask } from "../util/node-timers.ts";

/** Only to be had through the symbol on what is handed to events. */
interface Info {
  unref(): unknown;
}

export class KeepAlive {
  readonly #kept = new Set<Info>();

  add(worker: object): void {
    const info = infoOf(worker);
    if (info !== undefined) this.#kept.add(info);
    // The task is handed over in this same turn, and refs the port once more.
    queueMicrotask(() => this.letExit());
  }

  delete(worker: object): void {
    const info = infoOf(worker);
    if (info !== undefined) this.#kept.delete(info);
  }

  letExit(): void {
    for (const info of this.#kept) info.unref();
  }
}

function infoOf(worker: object): Info | undefined {
  const [key] = Object.getOwnPropertySymbols(worker);
  return key && (worker as Record<symbol, Info>)[key];
}
