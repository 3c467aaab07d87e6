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

/** What an entry is and was last seen to be. */
export interface WatchedEntry<P> {
  /** Relative to the folder, with `/`. */
  path: P;
  kind: EntryKind;
  /** 0 for folders. */
  size: number;
  mtimeMs: number;
}

export type WatchEvent<P = string> =
  /** Its folder was there or was reported before; nothing was at this path. */
  | ({ type: "create" } & WatchedEntry<P>)
  /** Its content, mode, owner or times have changed. */
  | ({ type: "modify" } & WatchedEntry<P>)
  /** What was in it was reported before. */
  | { type: "remove"; path: P; kind: EntryKind }
  /** With all that is in it; what was at `to` was reported removed before. */
  | { type: "rename"; from: P; to: P; kind: EntryKind }
  /** Each is where the other was, with all that is in it. */
  | { type: "exchange"; from: P; to: P }
  /** Changes were lost, and found by comparing: they follow. */
  | { type: "overflow"; reason: "queue" | "watches" }
  /** It, or what is in the folder, cannot be watched or read; reported once. */
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
