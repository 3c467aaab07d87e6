// Removes what dead writers left beside the files of a folder: once for each folder, before the
// first atomic write there ends. It costs one listing, and never a failure.
import type { Submitter } from "../submitter.ts";
import { writerOf } from "../../ops/atomic.ts";
import { decodeNone } from "../../request/results.ts";
import { decodeStats } from "../files/stats.ts";
import type { Terms } from "../terms.ts";
import { Steps } from "../trees/steps.ts";
import { isGone, thisWriter } from "./writers.ts";

/** Of another host (another container, or before a reboot) only its age shows whether it is in use. */
const FOREIGN_MAX_MS = 24 * 60 * 60 * 1000;
/** More folders than that are looked at again. */
const FOLDERS_MAX = 10_000;

export class Sweep {
  readonly #engine: () => Submitter;
  readonly #swept = new Set<string>();

  constructor(engine: () => Submitter) {
    this.#engine = engine;
  }

  /** `name` is the folder's for recognition alone; `folder` ends in a slash. */
  async once(name: string, folder: Buffer, terms: Terms): Promise<void> {
    if (this.#swept.has(name)) return;
    if (this.#swept.size >= FOLDERS_MAX) this.#swept.clear();
    this.#swept.add(name);
    try {
      await this.#sweep(folder, new Steps(this.#engine(), terms));
    } catch {
      // Whoever cannot list the folder, or remove what is in it, writes there as ever.
    }
  }

  async #sweep(folder: Buffer, steps: Steps): Promise<void> {
    const { host } = thisWriter();
    for (const { name } of await steps.list(folder, "scandir")) {
      const writer = writerOf(name);
      if (writer === null) continue;
      const path = Buffer.concat([folder, Buffer.from(name)]);
      const gone =
        writer.host === host ? isGone(writer) : await isOld(path, steps);
      if (gone) await steps.run("unlink", { path }, decodeNone);
    }
  }
}

async function isOld(path: Buffer, steps: Steps): Promise<boolean> {
  const { mtimeMs } = await steps.run<{ mtimeMs: number }>(
    "lstat",
    { path },
    decodeStats,
  );
  return Date.now() - mtimeMs > FOREIGN_MAX_MS;
}
