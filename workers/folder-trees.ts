// A folder with everything below it, in the order in which Node's recursive readdir gives it. Names
// travel as Node would show them: text, with what is no UTF-8 replaced.
import type fs from "node:fs";
import { join } from "node:path";
import type { Frame } from "./frame.ts";
import type { PlacedFs } from "./places.ts";
import { FOLLOW_LINKS, WITH_TYPES, sendParts, typeOf } from "./listing.ts";

const DEPTH_FIRST = 1;
const MAYBE = { throwIfNoEntry: false } as const;
const FILE = 1;
const DIRECTORY = 2;

interface Folder {
  path: string;
  /** As the names below it begin, where names are paths from the root. */
  prefix: string;
  entries: fs.Dirent[];
}

export function listTree(f: Frame, root: string): number {
  const typed = (f.a & WITH_TYPES) !== 0;
  const walk = new Walk(f.fs, typed, typed && (f.a & FOLLOW_LINKS) === 0);
  const depthFirst = f.b === DEPTH_FIRST;
  const queue: Folder[] = [
    { path: root, prefix: "", entries: read(f.fs, root) },
  ];
  for (let at = 0; at < queue.length && !f.cancelled;) {
    const folder = depthFirst ? queue.pop()! : queue[at++]!;
    walk.take(folder, queue, !depthFirst);
  }
  const { names, types, folders } = walk;
  const text =
    names.length === 0 ? "" : [...names, ...(typed ? folders : [])].join("\0");
  return sendParts(
    f,
    typed ? Uint8Array.from(types) : null,
    text,
    "utf8",
    names.length,
  );
}

const read = (files: PlacedFs, path: string): fs.Dirent[] =>
  files.readdirSync(path, { withFileTypes: true });

class Walk {
  readonly names: string[] = [];
  readonly types: number[] = [];
  /** Path and number of entries, in turn. */
  readonly folders: string[] = [];
  readonly #typed: boolean;
  readonly #onlyFolders: boolean;

  readonly #files: PlacedFs;

  constructor(files: PlacedFs, typed: boolean, onlyFolders: boolean) {
    this.#files = files;
    this.#typed = typed;
    this.#onlyFolders = onlyFolders;
  }

  /** Names what is in a folder, and puts the folders in it on the queue. */
  take(folder: Folder, queue: Folder[], late: boolean): void {
    const { path, prefix, entries } = folder;
    if (late && entries === NOT_READ) folder.entries = read(this.#files, path);
    this.folders.push(path, String(folder.entries.length));
    for (const entry of folder.entries) {
      const { name } = entry;
      const type = typeOf(entry);
      this.types.push(type);
      this.names.push(this.#typed ? name : prefix + name);
      if (type === FILE) continue;
      const below = join(path, name);
      if (!this.#isFolder(type, below)) continue;
      queue.push({
        path: below,
        prefix: `${prefix}${name}/`,
        entries: late ? NOT_READ : read(this.#files, below),
      });
    }
  }

  #isFolder(type: number, path: string): boolean {
    if (this.#onlyFolders || (this.#typed && type === DIRECTORY))
      return type === DIRECTORY;
    // As Node looks: what cannot be looked at is no folder.
    try {
      return this.#files.statSync(path, MAYBE)?.isDirectory() ?? false;
    } catch {
      return false;
    }
  }
}

/** Breadth first, a folder is read when its turn comes. */
const NOT_READ: fs.Dirent[] = [];
