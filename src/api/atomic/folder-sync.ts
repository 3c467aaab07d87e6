// Group commit: a folder's fsync serves everybody whose rename was done before it began. While one
// runs, all who come wait for the next, which is one for all of them.
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { promised, settlePromise } from "../submit.ts";
import { NO_TERMS, applyTerms } from "../terms.ts";

interface Folder {
  running: Promise<void>;
  next: Promise<void> | null;
}

export class FolderSync {
  readonly #engine: () => Submitter;
  readonly #folders = new Map<string, Folder>();
  /** Writes on their way, by the folder as their callers name it. */
  readonly #writers = new Map<string, number>();

  constructor(engine: () => Submitter) {
    this.#engine = engine;
  }

  /** Whether somebody else is writing there, too: then it pays to share. */
  enter(name: string): boolean {
    const others = this.#writers.get(name) ?? 0;
    this.#writers.set(name, others + 1);
    return others !== 0;
  }

  leave(name: string): void {
    const left = this.#writers.get(name)! - 1;
    if (left === 0) this.#writers.delete(name);
    else this.#writers.set(name, left);
  }

  /** Resolves when the folder was synced by an fsync that began after this call. */
  sync(path: Uint8Array): Promise<void> {
    const key = Buffer.from(path).toString("latin1");
    const folder = this.#folders.get(key);
    if (folder === undefined) {
      const running = this.#run(path);
      this.#folders.set(key, { running, next: null });
      this.#forgetAfter(key, running);
      return running;
    }
    folder.next ??= this.#after(key, folder, path);
    return folder.next;
  }

  async #after(key: string, folder: Folder, path: Uint8Array): Promise<void> {
    await folder.running.catch(() => {});
    folder.running = folder.next!;
    folder.next = null;
    this.#forgetAfter(key, folder.running);
    await this.#run(path);
  }

  /** A folder that nobody waits for is not remembered. */
  #forgetAfter(key: string, running: Promise<void>): void {
    const forget = (): void => {
      const folder = this.#folders.get(key);
      if (folder?.running === running && folder.next === null)
        this.#folders.delete(key);
    };
    running.then(forget, forget);
  }

  #run(path: Uint8Array): Promise<void> {
    const request = new Request(ops.syncPath.code, decodeNone, settlePromise);
    request.path = path;
    // For several calls at once: under the terms of none of them.
    return promised<void>(this.#engine(), applyTerms(request, NO_TERMS));
  }
}
