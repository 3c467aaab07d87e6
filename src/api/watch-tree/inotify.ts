// Changes by inotify: one watch for each folder, set by the request that lists it. It takes the kernel's structures apart; what follows
// from them is not known here.
import type { Addon, TreeWatch } from "../../backends/native.ts";
import type { Owner } from "../../request/request.ts";
import type { Submitter } from "../submitter.ts";
import type { Terms } from "../terms.ts";
import type { Host, Notice, Source } from "./source.ts";
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
const MASK =
  IN.MODIFY |
  IN.ATTRIB |
  IN.MOVED_FROM |
  IN.MOVED_TO |
  IN.CREATE |
  IN.DELETE |
  IN.DELETE_SELF |
  IN.MOVE_SELF |
  IN.ONLYDIR;

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

/** One that serves all of them: what is read is taken apart at once. */
let room: Buffer | undefined;

export class InotifySource implements Source {
  readonly method = "inotify";
  readonly watchesByPath = false;
  readonly #native: TreeWatch;
  readonly #addon: Addon;
  readonly #engine: Submitter;
  readonly #terms: Terms;
  readonly #host: Host;
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
    addon: Addon,
    native: TreeWatch,
    ...[engine, terms, host]: [Submitter, Terms, Host]
  ) {
    this.#addon = addon;
    this.#native = native;
    this.#engine = engine;
    this.#terms = terms;
    this.#host = host;
    // A thread may be adding a watch to it while the environment ends.
    addon.holdFd(native.fd);
  }

  /** A text says why there is none: `inotify_init1: 24`. */
  static open(
    addon: Addon,
    engine: Submitter,
    terms: Terms,
    host: Host,
  ): InotifySource | string {
    let source: InotifySource | null = null;
    const native = addon.watchTree(() => {
      if (source !== null) source.#read();
      host.noticed();
    });
    if (typeof native === "string") return native;
    source = new InotifySource(addon, native, engine, terms, host);
    return source;
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

  async survey(
    folder: Folder,
    path: string,
    names: readonly string[] | null,
    expected: Buffer | null,
  ): Promise<Survey> {
    const { fd } = this.#native;
    const owner = this.#owner;
    const watcher = folder.watch === null ? { fd, mask: MASK, owner } : null;
    const look = { path, names, expected, watcher };
    const found = await survey(this.#engine, look, this.#terms);
    if (watcher !== null) this.#watched(folder, found.watch);
    return found;
  }

  #watched(folder: Folder, wd: number): void {
    const other = wd < 0 ? undefined : this.#folders.get(wd);
    // A folder that is mounted at two places has one watch.
    if (wd < 0 || (other !== undefined && !other.detached))
      return this.#host.refused(folder);
    folder.refused = false;
    folder.watch = wd;
    this.#folders.set(wd, folder);
  }

  forget(folder: Folder): void {
    const wd = folder.watch as number | null;
    if (wd === null) return;
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
    this.#addon.dropFd(this.#native.fd);
    this.#native.close();
  }

  #noticeOf({ wd, mask, cookie, name }: Raw, folder: Folder): Notice | null {
    if ((mask & IN.IGNORED) !== 0) {
      this.#folders.delete(wd);
      folder.watch = null;
      return { what: "unwatched", folder };
    }
    // What happens to a folder is noted in the one above it as well, except to the root.
    if (name === "")
      return folder.parent === null ? { what: "folder", folder } : null;
    if ((mask & IN.MOVED_FROM) !== 0)
      return { what: "from", folder, name, cookie };
    if ((mask & IN.MOVED_TO) !== 0) return { what: "to", folder, name, cookie };
    return { what: "name", folder, name };
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
