// A working directory: a folder that is held open, and the functions of both doors for paths that
// start in it. It knows how it is used and closed; how it is opened is open.ts's business.
import type { Submitter } from "../submitter.ts";
import { callbackFunctions } from "../callbacks/callback-api.ts";
import { withoutNode, type AnyFunction } from "../call-forms.ts";
import type { Descriptor } from "../handles/descriptor.ts";
import { promiseFunctions } from "../promises/promise-api.ts";
import type { EioFs, EioPromises } from "../types.ts";
import { closedInTime, closeWhenCollected } from "../handles/finalizer.ts";
import { standOn } from "../register/overridden.ts";
import { ScopedSubmitter } from "../submitter.ts";
import { NO_TERMS } from "../terms.ts";
import { start, type HasStart, type Start } from "./start.ts";

/** The names in a module of functions that keep to the folder: no others are there. */
type Absent = `${string}Sync` | `${string}atch` | `${"w" | "unw"}atchFile`;

/** node:fs/promises, for paths that start in the folder. */
export type WdPromises = Omit<EioPromises, "watch" | "lchmod">;
/** The functions of node:fs that call back, and streams, for paths that start in the folder. */
export type WdFs = Omit<
  EioFs,
  | Absent
  | "promises"
  | "lchmod"
  | "openAsBlob"
  | "Dir"
  | "Dirent"
  | "Stats"
  | "StatsFs"
  | "Utf8Stream"
  | "_toUnixTimestamp"
>;

export interface WdOptions {
  /**
   * Lets no path out of the folder, by `..`, as an absolute path or through a link: the kernel
   * refuses it with EXDEV.
   */
  beneath?: boolean | undefined;
  /** With `beneath`: whether paths may lead into file systems mounted in the folder; true by default. */
  xdev?: boolean | undefined;
}

/** An open folder that relative paths start in, with `promises` and `fs` of its own; made by `eio.wd()`. */
export class WorkingDirectory implements HasStart, AsyncDisposable {
  /** @internal */
  declare readonly [start]: Start;
  readonly #descriptor: Descriptor;
  readonly #engine: () => Submitter;
  #promises: WdPromises | undefined;
  #fs: WdFs | undefined;

  /** @internal `eio.wd()` opens one. */
  constructor(descriptor: Descriptor, folder: Start, engine: () => Submitter) {
    Object.defineProperty(this, start, { value: folder });
    this.#descriptor = descriptor;
    this.#engine = engine;
    const { path } = folder;
    closeWhenCollected(this, descriptor, ({ fd }) => {
      process.emitWarning(
        `Closing the working directory '${path}' (file descriptor ${fd}) on ` +
          "garbage collection: it should have been closed",
      );
    });
  }

  /** The folder's absolute path, as it was when it was opened. */
  get path(): string {
    return this[start].path;
  }
  /** The folder's descriptor; -1 from the moment that it is closed, or where folders have none. */
  get fd(): number {
    return this.#descriptor.closing ? -1 : this.#descriptor.fd;
  }
  /** Whether no path leads out of it. */
  get beneath(): boolean {
    return this[start].keeps;
  }

  /** The functions of node:fs/promises, for paths that start here. */
  get promises(): WdPromises {
    this.#promises ??= withoutNode(
      promiseFunctions(this.#here),
    ) as unknown as WdPromises;
    return this.#promises;
  }

  /** The functions of node:fs that call back, and its streams, for paths that start here. */
  get fs(): WdFs {
    if (this.#fs === undefined) {
      const functions = callbackFunctions(this.#here);
      // The walk link by link begins at a path; the system's own begins here.
      const { native } = functions["realpath"] as unknown as {
        native: AnyFunction;
      };
      functions["realpath"] = native;
      this.#fs = withoutNode(functions) as unknown as WdFs;
      Object.assign(this.#fs.realpath, { native: this.#fs.realpath });
      standOn(this.#fs, this.#here);
    }
    return this.#fs;
  }

  /** Lets the folder go when the requests that started in it are done. */
  async close(): Promise<void> {
    closedInTime(this.#descriptor);
    await this.#descriptor.close();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Functions made of this keep the object itself from being collected. */
  readonly #here = (): Submitter => (this.#scoped ??= this.#scope());
  #scoped: Submitter | undefined;

  #scope(): Submitter {
    const folder = this[start];
    return new ScopedSubmitter(this.#engine(), {
      terms: NO_TERMS.with({ wd: folder, destWd: folder }),
      shares: true,
    });
  }
}
