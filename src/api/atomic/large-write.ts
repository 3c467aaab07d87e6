// An atomic write of data that is large or comes in pieces: the steps of src/ops/atomic.ts, each by
// requests of its own. It knows what to do when its caller gives up in between, and no order of its own.
import fs, { type Stats } from "node:fs";
import type { Submitter } from "../submitter.ts";
import type { AtomicSteps } from "../../ops/atomic.ts";
import { ops } from "../../ops/table.ts";
import { Request, type Owner } from "../../request/request.ts";
import { decodeBytes, decodeCount } from "../../request/results.ts";
import { writeRest, type Data } from "../descriptors/read-write-all.ts";
import { promised, settlePromise } from "../submit.ts";
import { namedAs } from "./errors.ts";
import { decodeStats } from "../files/stats.ts";
import { applyTerms, type Terms } from "../terms.ts";
import { Steps, type Fields } from "../trees/steps.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_WRONLY } = fs.constants;
const FOLDER = O_RDONLY | (O_DIRECTORY ?? 0);
const CREATE = O_WRONLY | O_CREAT | O_EXCL;

/** From before anybody (our register door, say) replaces them. */
const { close: closeWithNode, unlink: unlinkWithNode, unlinkSync } = fs;

/** What the process would leave behind if it ended now. */
const unfinished = new Set<string>();
let watched = false;

function noteUnfinished(path: Buffer): void {
  unfinished.add(path.toString("latin1"));
  if (watched) return;
  watched = true;
  process.once("exit", () => {
    for (const path of unfinished)
      try {
        unlinkSync(Buffer.from(path, "latin1"));
      } catch {
        // It was not made yet, or is gone.
      }
  });
}

const noteFinished = (path: Buffer): unknown =>
  unfinished.delete(path.toString("latin1"));

/** The requests of one write: whether the system still works for one that its caller has given up. */
class Hold implements Owner {
  #count = 0;
  #free: Promise<void> = Promise.resolve();
  #release = (): void => {};

  get busy(): boolean {
    return this.#count !== 0;
  }
  hold(): void {
    if (this.#count++ === 0)
      this.#free = new Promise((resolve) => (this.#release = resolve));
  }
  drop(): void {
    if (--this.#count === 0) this.#release();
  }
  free(): Promise<void> {
    return this.#free;
  }
}

type AsyncSteps = {
  [N in keyof AtomicSteps]: (
    ...operands: Parameters<AtomicSteps[N]>
  ) => Promise<ReturnType<AtomicSteps[N]>>;
};

export function largeWrite(
  engine: Submitter,
  file: Buffer,
  data: Data,
  terms: Terms,
): AsyncSteps {
  const steps = new Steps(engine, terms);
  const owner = new Hold();

  const run = <T>(
    name: Parameters<typeof steps.run>[0],
    fields: Fields,
    decode?: typeof decodeBytes,
  ): Promise<T> =>
    namedAs(file, steps.run<T>(name, { ...fields, owner }, decode));

  /**
   * Also after its caller has given up. A caller who has is not kept waiting: what he waited for may
   * hang, and this comes after it.
   */
  async function always(
    name: "close" | "unlink",
    fields: Pick<Fields, "fd" | "path">,
    otherwise: () => void,
  ): Promise<void> {
    const cleaning = owner.free().then(() => {
      const request = new Request(ops[name].code, decodeCount, settlePromise);
      Object.assign(request, fields);
      try {
        const termed = applyTerms(request, terms.withoutEnd);
        return promised<void>(engine, termed);
      } catch {
        // The engine is closed already; nothing is to outlive it.
        return otherwise();
      }
    });
    if (!owner.busy) return await cleaning;
    cleaning.catch(() => {});
  }

  const unlink = (path: Buffer): Promise<void> => {
    noteFinished(path);
    return always("unlink", { path }, () => unlinkWithNode(path, () => {}));
  };

  return {
    realpath: (path) => run("realpath", { path }, decodeBytes),
    readlink: (path) => run("readlink", { path }, decodeBytes),
    stat: (path) => run<Stats>("stat", { path }, decodeStats),
    openFolder: (path) =>
      run("open", { path, a: FOLDER, passing: true }, decodeCount),
    async create(path, mode) {
      noteUnfinished(path);
      try {
        return await run<number>(
          "open",
          { path, a: CREATE, b: mode, passing: true },
          decodeCount,
        );
      } catch (error) {
        // One that was given up may still make the file.
        if (owner.busy) void unlink(path);
        else noteFinished(path);
        throw error;
      }
    },
    fstat: (fd) => run<Stats>("fstat", { fd }, decodeStats),
    fchown: (fd, a, b) => run("fchown", { fd, a, b }),
    fchmod: (fd, a) => run("fchmod", { fd, a }),
    write: (fd) => writeRest({ engine, fd, owner }, data, terms),
    fsync: (fd) => run("fsync", { fd }),
    close: (fd) => always("close", { fd }, () => closeWithNode(fd)),
    rename(path, path2) {
      // What was handed over before the process exits may still be done.
      noteFinished(path);
      return run("rename", { path, path2 });
    },
    unlink,
    refuse: (error) => namedAs(file, Promise.reject(error)),
  };
}
