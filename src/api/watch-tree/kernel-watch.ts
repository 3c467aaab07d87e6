// Changes by the kernel: by inotify, with one watch for each folder, or by fanotify, with one mark for each file system; a folder is
// watched by the request that lists it. Both bring the same structures (see native-aio/src/fan-notes.h), which are taken apart here; what
// follows from them is not known here.
import type { Addon, TreeWatch } from "../../backends/native.ts";
import type { Owner } from "../../request/request.ts";
import type { Submitter } from "../submitter.ts";
import type { Terms } from "../terms.ts";
import type { Host, Notice } from "./source.ts";
import { survey, type Survey } from "./survey.ts";
import type { Folder } from "./tree.ts";

const IN = {
  MODIFY: 0x2,
  ATTRIB: 0x4,
  MOVED_FROM: 0x40,
  MOVED_TO: 0x80,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
  Q_OVERFLOW: 0x4000,
  IGNORED: 0x8000,
  ONLYDIR: 0x1000000,
} as const;
const CHANGES = IN.MODIFY | IN.ATTRIB | IN.CREATE | IN.DELETE;
const OF_ITSELF = IN.DELETE_SELF | IN.MOVE_SELF;
/** FAN_RENAME and FAN_ONDIR; the others have the same bits as inotify's. */
const FAN = { RENAME: 0x10000000, ONDIR: 0x40000000 } as const;

interface Means {
  readonly method: "inotify" | "fanotify";
  open(addon: Addon, noticed: () => void): TreeWatch | string;
  maskOf(folder: Folder): number;
  /** `fd` is a descriptor, and has to be closed; fanotify's stands for one, and is never another's. */
  readonly holdsFd: boolean;
  /** What a folder's own event says is said of its name, too. */
  readonly notesNames: boolean;
}

export const inotify: Means = {
  method: "inotify",
  open: (addon, noticed) => addon.watchTree(noticed),
  maskOf: () => CHANGES | IN.MOVED_FROM | IN.MOVED_TO | OF_ITSELF | IN.ONLYDIR,
  holdsFd: true,
  notesNames: true,
};
export const fanotify: Means = {
  method: "fanotify",
  open: (addon, noticed) => addon.watchFileSystems(noticed),
  // The root has a mark of its own: what is above it is not watched.
  maskOf: ({ parent }) =>
    CHANGES | FAN.RENAME | FAN.ONDIR | (parent === null ? OF_ITSELF : 0),
  holdsFd: false,
  notesNames: false,
};

const HEAD_BYTES = 16;
const ROOM_BYTES = 1 << 18;
/** What nobody takes is not kept without a limit: the tree is compared instead. */
const NOTICES_MAX = 1 << 18;

interface Raw {
  wd: number;
  mask: number;
  cookie: number;
  name: string;
}

export interface KernelSetting {
  addon: Addon;
  engine: Submitter;
  terms: Terms;
  host: Host;
}

/** One that serves all of them: what is read is taken apart at once. */
let room: Buffer | undefined;

export class KernelWatch {
  readonly #means: Means;
  readonly #native: TreeWatch;
  readonly #addon: Addon;
  readonly #engine: Submitter;
  readonly #terms: Terms;
  readonly #folders = new Map<number, Folder>();
  #raw: Raw[] = [];
  #lost = false;
  /** Requests that may still add a watch. */
  #held = 0;
  #closed = false;
  readonly #owner: Owner = {
    hold: () => void this.#held++,
    drop: () => {
      this.#held--;
      this.#release();
    },
  };

  private constructor(
    means: Means,
    addon: Addon,
    native: TreeWatch,
    ...[engine, terms]: [Submitter, Terms]
  ) {
    this.#means = means;
    this.#addon = addon;
    this.#native = native;
    this.#engine = engine;
    this.#terms = terms;
    // A thread may be adding a watch to it while the environment ends.
    if (means.holdsFd) addon.holdFd(native.fd);
  }

  /** A text says why there is none: `inotify_init1: 24`. */
  static open(
    means: Means,
    { addon, engine, terms, host }: KernelSetting,
  ): KernelWatch | string {
    let watch: KernelWatch | null = null;
    const native = means.open(addon, () => {
      if (watch !== null) watch.#read();
      host.noticed();
    });
    if (typeof native === "string") return native;
    watch = new KernelWatch(means, addon, native, engine, terms);
    return watch;
  }

  get method(): Means["method"] {
    return this.#means.method;
  }

  /** All that it watches. */
  folders(): Folder[] {
    return [...this.#folders.values()];
  }

  take(): Notice[] {
    this.#read();
    const raw = this.#raw;
    this.#raw = [];
    const notices: Notice[] = this.#lost ? [{ what: "overflow" }] : [];
    this.#lost = false;
    for (const one of raw) {
      const folder = this.#folders.get(one.wd);
      if (folder === undefined) continue;
      const notice = this.#noticeOf(one, folder);
      if (notice !== null) notices.push(notice);
    }
    return notices;
  }

  /** The folder is watched first if it is not watched; where that is refused the survey says why, and it stays so. */
  async survey(
    folder: Folder,
    path: string,
    names: readonly string[] | null,
    expected: Buffer | null,
  ): Promise<Survey> {
    const { fd } = this.#native;
    const mask = this.#means.maskOf(folder);
    const owner = this.#owner;
    const watcher = folder.watch === null ? { fd, mask, owner } : null;
    const look = { path, names, expected, watcher };
    const found = await survey(this.#engine, look, this.#terms);
    if (watcher !== null) this.#watched(folder, found.watch);
    return found;
  }

  #watched(folder: Folder, wd: number): void {
    const other = wd < 0 ? undefined : this.#folders.get(wd);
    // A folder that is mounted at two places has one watch.
    if (wd < 0 || (other !== undefined && !other.detached)) return;
    folder.refused = false;
    folder.watch = wd;
    this.#folders.set(wd, folder);
  }

  /** Of its own folders: another's may have the same number. */
  forget(folder: Folder): void {
    const wd = folder.watch as number | null;
    if (wd === null || this.#folders.get(wd) !== folder) return;
    folder.watch = null;
    this.#folders.delete(wd);
    this.#native.forget(wd);
  }

  close(): void {
    this.#closed = true;
    this.#raw = [];
    this.#folders.clear();
    this.#native.stop();
    this.#release();
  }

  /** The number of the descriptor is nobody else's as long as a thread may use it. */
  #release(): void {
    if (!this.#closed || this.#held > 0) return;
    if (this.#means.holdsFd) this.#addon.dropFd(this.#native.fd);
    this.#native.close();
  }

  #noticeOf({ wd, mask, cookie, name }: Raw, folder: Folder): Notice | null {
    if ((mask & IN.IGNORED) !== 0) {
      this.#folders.delete(wd);
      folder.watch = null;
      return { what: "unwatched", folder };
    }
    if (name === "") return this.#ownNotice(folder);
    if ((mask & IN.MOVED_FROM) !== 0)
      return { what: "from", folder, name, cookie };
    if ((mask & IN.MOVED_TO) !== 0) return { what: "to", folder, name, cookie };
    return { what: "name", folder, name };
  }

  /** What happens to a folder is a change of its name in the one above it, if there is one. */
  #ownNotice(folder: Folder): Notice | null {
    const { parent, name } = folder;
    if (parent === null) return { what: "folder", folder };
    return this.#means.notesNames
      ? null
      : { what: "name", folder: parent, name };
  }

  #read(): void {
    room ??= Buffer.allocUnsafeSlow(ROOM_BYTES);
    for (;;) {
      const bytes = this.#native.read(room);
      if (bytes <= 0) return;
      this.#parse(room, bytes);
    }
  }

  #parse(from: Buffer, bytes: number): void {
    for (let at = 0; at < bytes;) {
      const wd = from.readInt32LE(at);
      const mask = from.readUInt32LE(at + 4);
      const cookie = from.readUInt32LE(at + 8);
      const nameBytes = from.readUInt32LE(at + 12);
      const start = at + HEAD_BYTES;
      at = start + nameBytes;
      if ((mask & IN.Q_OVERFLOW) !== 0) {
        this.#lost = true;
        continue;
      }
      let name = "";
      if (nameBytes > 0) {
        const end = from.indexOf(0, start);
        name = from.latin1Slice(start, end < 0 || end > at ? at : end);
      }
      this.#add({ wd, mask, cookie, name });
    }
  }

  #add(raw: Raw): void {
    const last = this.#raw.at(-1);
    // What follows itself says nothing new.
    if (
      last?.wd === raw.wd &&
      last.mask === raw.mask &&
      last.name === raw.name &&
      raw.cookie === 0
    )
      return;
    if (this.#raw.length >= NOTICES_MAX) {
      this.#raw = this.#raw.filter(({ mask }) => (mask & IN.IGNORED) !== 0);
      this.#lost = true;
    }
    this.#raw.push(raw);
  }
}
