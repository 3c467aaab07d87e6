// A folder with everything below it, in the order in which Node's recursive readdir gives it. Names
// travel as they are, byte for byte; it does not know how they are shown.
import type fs from "node:fs";
import { join } from "node:path";
import { bytesOf, pathOf, type ByteText } from "../src/ops/byte-text.ts";
import type { Frame } from "./frame.ts";
import type { PlacedFs } from "./places.ts";
import { FOLLOW_LINKS, WITH_TYPES, sendParts, typeOf } from "./listing.ts";

const DEPTH_FIRST = 1;
const MAYBE = { throwIfNoEntry: false } as const;
const FILE = 1;
const DIRECTORY = 2;

interface Folder {
  path: ByteText;
  /** As the names below it begin, where names are paths from the root. */
  prefix: ByteText;
  entries: fs.Dirent[];
}

export function listTree(f: Frame): number {
  const root = bytesOf(f.path);
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
    "latin1",
    names.length,
  );
}

const TYPED = { withFileTypes: true } as const;
const TYPED_BYTES = { ...TYPED, encoding: "latin1" as "utf8" } as const;

/** Entries whose names are bytes; read again where text would lose some. */
function read(files: PlacedFs, path: ByteText): fs.Dirent[] {
  const entries = files.readdirSync(pathOf(path), TYPED);
  if (entries.some(({ name }) => name.includes("\ufffd")))
    return files.readdirSync(pathOf(path), TYPED_BYTES);
  for (const entry of entries) entry.name = bytesOf(entry.name);
  return entries;
}

class Walk {
  readonly names: ByteText[] = [];
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

  #isFolder(type: number, path: ByteText): boolean {
    if (this.#onlyFolders || (this.#typed && type === DIRECTORY))
      return type === DIRECTORY;
    // As Node looks: what cannot be looked at is no folder.
    try {
      return this.#files.statSync(pathOf(path), MAYBE)?.isDirectory() ?? false;
    } catch {
      return false;
    }
  }
}

/** Breadth first, a folder is read when its turn comes. */
const NOT_READ: fs.Dirent[] = [];
