// What a watcher reports, and the batch that it is gathered in: what is over by the end of it is left out. It knows no file system.
import type { SystemError } from "../../request/errors.ts";
import {
  kindOf,
  mtimeMsOf,
  sizeOf,
  type EntryKind,
  type RecordWords,
} from "./records.ts";
import type { Entry } from "./tree.ts";

/** An entry, with its size and modification time when it was last examined. */
export interface WatchedEntry<P> {
  /** Relative to the watched folder, with `/`. */
  path: P;
  kind: EntryKind;
  /** 0 for folders. */
  size: number;
  mtimeMs: number;
}

export type WatchEvent<P = string> =
  /** The entry exists now, and there was none at this path. Its folder existed or was reported before. */
  | ({ type: "create" } & WatchedEntry<P>)
  /** Content, mode, owner or times have changed, or another file has replaced it. */
  | ({ type: "modify" } & WatchedEntry<P>)
  /** The entry no longer exists. The removal of its contents was reported before. */
  | { type: "remove"; path: P; kind: EntryKind }
  /** The entry has moved, with all its contents. The removal of an earlier entry at `to` was reported before. */
  | { type: "rename"; from: P; to: P; kind: EntryKind }
  /** The two entries have swapped places, with all their contents. */
  | { type: "exchange"; from: P; to: P }
  /** Changes were lost. The tree is compared, and the differences follow. */
  | { type: "overflow"; reason: "queue" | "watches" }
  /** The entry, or the contents of the folder, cannot be watched or read; reported once. */
  | { type: "unreadable"; path: P; error: SystemError };

interface Draft {
  event: WatchEvent;
  dropped: boolean;
}

export class Batch {
  readonly #drafts: Draft[] = [];
  /** Created in this batch and not moved since. */
  readonly #created = new Map<Entry, Draft>();
  readonly #modified = new Map<Entry, Draft>();
  readonly #quiet: boolean;

  /** @param quiet what is there, and what becomes of it, is not reported */
  constructor(quiet = false) {
    this.#quiet = quiet;
  }

  create(entry: Entry, path: string, words: RecordWords, at: number): void {
    if (this.#quiet) return;
    const event = { type: "create" as const, ...entryOf(path, words, at) };
    this.#created.set(entry, this.#add(event));
  }

  modify(entry: Entry, path: string, words: RecordWords, at: number): void {
    if (this.#quiet) return;
    const draft = this.#created.get(entry) ?? this.#modified.get(entry);
    const now = entryOf(path, words, at);
    if (draft !== undefined && (draft.event as { path: string }).path === path)
      return void Object.assign(draft.event, now);
    this.#modified.set(entry, this.#add({ type: "modify", ...now }));
  }

  remove(entry: Entry, path: string, kind: EntryKind): void {
    if (this.#quiet) return;
    const created = this.#created.get(entry);
    const modified = this.#modified.get(entry);
    if (modified !== undefined) modified.dropped = true;
    this.keep(entry);
    if (created !== undefined) created.dropped = true;
    else this.#add({ type: "remove", path, kind });
  }

  rename(from: string, to: string, kind: EntryKind): void {
    if (!this.#quiet) this.#add({ type: "rename", from, to, kind });
  }

  exchange(from: string, to: string): void {
    if (!this.#quiet) this.#add({ type: "exchange", from, to });
  }

  overflow(reason: "queue" | "watches"): void {
    this.#add({ type: "overflow", reason });
  }

  unreadable(path: string, error: SystemError): void {
    this.#add({ type: "unreadable", path, error });
  }

  /** What was reported of it stays as it is, because something was done to it or in it since. */
  keep(entry: Entry): void {
    this.#created.delete(entry);
    this.#modified.delete(entry);
  }

  /** With paths as they were asked for. */
  events<P>(pathOf: (bytes: string) => P): WatchEvent<P>[] {
    const events: WatchEvent<P>[] = [];
    for (const { event, dropped } of this.#drafts)
      if (!dropped) events.push(withPaths(event, pathOf));
    return events;
  }

  #add(event: WatchEvent): Draft {
    const draft = { event, dropped: false };
    this.#drafts.push(draft);
    return draft;
  }
}

function withPaths<P>(
  event: WatchEvent,
  pathOf: (bytes: string) => P,
): WatchEvent<P> {
  const shown = event as unknown as Record<string, unknown>;
  for (const name of ["path", "from", "to"])
    if (name in event) shown[name] = pathOf(shown[name] as string);
  return shown as WatchEvent<P>;
}

const entryOf = (
  path: string,
  words: RecordWords,
  at: number,
): WatchedEntry<string> => {
  const kind = kindOf(words, at);
  const isFolder = kind === "directory";
  return {
    path,
    kind,
    size: isFolder ? 0 : sizeOf(words, at),
    mtimeMs: isFolder ? 0 : mtimeMsOf(words, at),
  };
};
