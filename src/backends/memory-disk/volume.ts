// The state of a simulated disk as programs see it while the power is on: a tree of inodes, paths that lead through it, and
// the history of its changes. It knows which changes there are, not what a loss of power makes of them.
import { errnoOf } from "../../request/errors.ts";
import {
  ROOT,
  copyInode,
  makeInode,
  resize,
  writeBytes,
  type Change,
  type Inode,
  type InodeType,
  type NameChange,
} from "./inodes.ts";

const LINKS_MAX = 40;
const NAME_MAX = 255;
const OPEN_FOLDER = /^\/proc\/self\/fd\/(\d+)(?:\/|$)/;

/** What a system call fails with. */
export class Errno extends Error {
  readonly errno: number;

  constructor(code: string) {
    super(code);
    this.errno = errnoOf(code);
  }
}

/** Where a path leads: the folder, the name in it, and what is there. */
export interface Place {
  folder: Inode;
  name: string;
  inode: Inode | null;
}

export interface VolumeOptions {
  capacityBytes: number;
  /** Milliseconds, for the times of files. */
  now: () => number;
}

export class Volume {
  readonly inodes: Map<number, Inode>;
  /** What was there before the history begins. */
  readonly base: Map<number, Inode>;
  readonly history: Change[] = [];
  readonly options: VolumeOptions;
  #lastIno: number;
  #usedBytes = 0;

  constructor(base: Map<number, Inode>, options: VolumeOptions) {
    this.options = options;
    this.base = base;
    this.inodes = new Map(
      [...base].map(([ino, inode]) => [ino, copyInode(inode)]),
    );
    this.#lastIno = Math.max(...base.keys());
    for (const { size } of base.values()) this.#usedBytes += size;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  nowMs(): number {
    return this.options.now();
  }

  at(ino: number): Inode {
    return this.inodes.get(ino)!;
  }

  // --- changes ---

  create(place: Place, type: InodeType, mode: number, target = ""): Inode {
    const inode = makeInode(++this.#lastIno, type, mode, this.nowMs());
    inode.target = target;
    inode.parent = place.folder.ino;
    this.inodes.set(inode.ino, inode);
    this.rename([[place.folder.ino, place.name, inode.ino]]);
    return inode;
  }

  /** Names that change together; `replaces` is what one of them led to. */
  rename(names: NameChange[], replaces: number | null = null): void {
    for (const [folder, name, ino] of names) {
      const { entries } = this.at(folder);
      const before = entries.get(name);
      if (before !== undefined) this.at(before).links--;
      if (ino === null) entries.delete(name);
      else {
        const inode = this.at(ino);
        inode.links++;
        if (inode.type === "folder") inode.parent = folder;
        entries.set(name, ino);
      }
      this.#touch(this.at(folder));
    }
    this.history.push({ kind: "names", names, replaces });
  }

  write(inode: Inode, offset: number, bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    this.#grow(offset + copy.byteLength - inode.size);
    writeBytes(inode, offset, copy);
    this.#touch(inode);
    this.history.push({ kind: "write", ino: inode.ino, offset, bytes: copy });
  }

  resize(inode: Inode, size: number): void {
    this.#grow(size - inode.size);
    resize(inode, size);
    this.#touch(inode);
    this.history.push({ kind: "resize", ino: inode.ino, size });
  }

  /** How many of so many bytes there is room for. */
  roomFor(inode: Inode, offset: number, bytes: number): number {
    const room = this.options.capacityBytes - this.#usedBytes;
    return Math.max(0, Math.min(bytes, inode.size + room - offset));
  }

  #grow(bytes: number): void {
    const used = this.#usedBytes + Math.max(bytes, 0);
    if (bytes > 0 && used > this.options.capacityBytes)
      throw new Errno("ENOSPC");
    this.#usedBytes = used;
  }

  attributes(inode: Inode): void {
    const { ino, mode, uid, gid } = inode;
    inode.ctimeMs = this.nowMs();
    this.history.push({ kind: "attributes", ino, mode, uid, gid });
  }

  sync(inode: Inode, whole: boolean): void {
    this.history.push({ kind: "sync", ino: inode.ino, whole });
  }

  syncAll(): void {
    this.history.push({ kind: "syncAll" });
  }

  /** Gives space back when neither a name nor a descriptor is left. */
  drop(inode: Inode): void {
    this.#usedBytes -= inode.size;
  }

  #touch(inode: Inode): void {
    inode.mtimeMs = inode.ctimeMs = this.nowMs();
  }

  // --- paths ---

  /**
   * `opened` gives what a descriptor is open on, for paths that start with one. A link at the end is followed on request.
   */
  find(
    path: string,
    follow: boolean,
    opened: (fd: number) => Inode,
    links = 0,
  ): Place {
    if (path === "") throw new Errno("ENOENT");
    const open = OPEN_FOLDER.exec(path);
    let at = this.at(ROOT);
    if (open !== null) {
      at = opened(Number(open[1]));
      path = path.slice(open[0].length);
    }
    return this.#walk(at, path, follow, opened, links);
  }

  #walk(
    start: Inode,
    path: string,
    follow: boolean,
    opened: (fd: number) => Inode,
    links: number,
  ): Place {
    const parts = path.split("/").filter((part) => part !== "");
    const mustBeFolder = path.endsWith("/");
    let folder = start;
    let place: Place = {
      folder: this.at(start.parent),
      name: ".",
      inode: start,
    };
    for (const [i, name] of parts.entries()) {
      const isLast = i === parts.length - 1;
      if (folder.type !== "folder") throw new Errno("ENOTDIR");
      if (name.length > NAME_MAX) throw new Errno("ENAMETOOLONG");
      const inode = this.#entry(folder, name);
      place = { folder, name, inode };
      if (inode?.type === "link" && (!isLast || follow || mustBeFolder)) {
        if (links >= LINKS_MAX) throw new Errno("ELOOP");
        const from = inode.target.startsWith("/") ? this.at(ROOT) : folder;
        place = this.#walk(from, inode.target, true, opened, links + 1);
      }
      if (isLast) break;
      if (place.inode === null) throw new Errno("ENOENT");
      folder = place.inode;
    }
    const { inode } = place;
    if (mustBeFolder && inode !== null && inode.type !== "folder")
      throw new Errno("ENOTDIR");
    return place;
  }

  #entry(folder: Inode, name: string): Inode | null {
    if (name === ".") return folder;
    if (name === "..") return this.at(folder.parent);
    const ino = folder.entries.get(name);
    return ino === undefined ? null : this.at(ino);
  }

  /** The path of a folder, or of an entry of one. */
  pathOf({ folder, name, inode }: Place): string {
    if (inode?.type === "folder") return this.#folderPath(inode);
    const above = this.#folderPath(folder);
    return above === "/" ? `/${name}` : `${above}/${name}`;
  }

  #folderPath(folder: Inode): string {
    if (folder.ino === ROOT) return "/";
    const above = this.at(folder.parent);
    const [name] = [...above.entries].find(([, ino]) => ino === folder.ino) ?? [
      "?",
    ];
    const path = this.#folderPath(above);
    return path === "/" ? `/${name}` : `${path}/${name}`;
  }
}
