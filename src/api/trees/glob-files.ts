// What a search has looked at, each thing once: entries and folders by their full path. What
// cannot be looked at counts as not there.
import { basename, dirname, relative, resolve } from "node:path";
import { within } from "../../ops/copy-rules.ts";
import { Dirent, typeOfMode, type AnyDirent } from "../directories/dirent.ts";
import type { Submitter } from "../submitter.ts";
import { endsCall, type Terms } from "../terms.ts";
import type { Start } from "../working-directories/start.ts";
import { Steps } from "./steps.ts";

const unless =
  <T>(value: T) =>
  (error: unknown): T => {
    if (endsCall(error)) throw error;
    return value;
  };

export class GlobFiles {
  readonly #steps: Steps;
  readonly #start: Start | null;
  readonly #entries = new Map<string, Promise<AnyDirent | null>>();
  readonly #folders = new Map<string, Promise<AnyDirent[]>>();
  readonly #targets = new Map<string, Promise<boolean>>();
  readonly #realpaths = new Map<string, Promise<string | null>>();

  constructor(engine: Submitter, terms: Terms) {
    this.#steps = new Steps(engine, terms);
    this.#start = terms.wd;
  }

  /** Where the search begins, if not in a folder that is given. */
  get root(): string {
    return this.#start?.path ?? "";
  }

  /** What lies in the folder that paths start in is found from its descriptor on. */
  #at(path: string): string {
    const start = this.#start;
    if (start === null || (!start.keeps && !within(start.path, path)))
      return path;
    return relative(start.path, path) || ".";
  }

  entry(path: string): Promise<AnyDirent | null> {
    return once(
      this.#entries,
      path,
      async () => {
        const { mode } = await this.#steps.bigStat(this.#at(path), false);
        const type = typeOfMode(Number(mode));
        return new Dirent(basename(path), type, dirname(path));
      },
      null,
    );
  }

  /** As Node looks for what is to be excluded: from the process's own folder on, not from the search's. */
  entryOutside(path: string): Promise<AnyDirent | null> {
    return this.entry(resolve(this.root, path));
  }

  /** Known from the folder that it lies in. */
  know(path: string, entry: AnyDirent): void {
    this.#entries.set(path, Promise.resolve(entry));
  }

  entries(path: string): Promise<AnyDirent[]> {
    return once(
      this.#folders,
      path,
      async () => {
        const list = await this.#steps.list(this.#at(path), "scandir");
        return list.map(({ name, type }) => new Dirent(name, type, path));
      },
      [],
    );
  }

  leadsToFolder(path: string): Promise<boolean> {
    return once(
      this.#targets,
      path,
      async () => {
        const { mode } = await this.#steps.bigStat(this.#at(path), true);
        return typeOfMode(Number(mode)) === 2;
      },
      false,
    );
  }

  realpath(path: string): Promise<string | null> {
    return once(
      this.#realpaths,
      path,
      () => this.#steps.realpath(this.#at(path)),
      null,
    );
  }
}

function once<T>(
  known: Map<string, Promise<T>>,
  path: string,
  look: () => Promise<T>,
  fallback: T,
): Promise<T> {
  let looked = known.get(path);
  if (looked === undefined) {
    looked = look().catch(unless(fallback));
    known.set(path, looked);
  }
  return looked;
}
