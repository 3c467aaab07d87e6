// Where a tree's changes come from: an interface, and what it brings. What is made of the changes is not known here.
import type { Survey } from "./survey.ts";
import type { Folder } from "./tree.ts";

export type WatchMethod = "inotify" | "fanotify" | "node";

export type Notice =
  /** Something happened to a name. */
  | { what: "name"; folder: Folder; name: string }
  /** It left, or came; both with the same cookie, one after the other, if it stays in the tree. */
  | { what: "from" | "to"; folder: Folder; name: string; cookie: number }
  /** Something, in a folder or to it. */
  | { what: "folder"; folder: Folder }
  /** The folder is not watched any more. */
  | { what: "unwatched"; folder: Folder }
  /** Some were lost. */
  | { what: "overflow" };

export interface Source {
  /** Another one may turn out to be needed. */
  readonly method: WatchMethod;
  /** Why it is that one. */
  readonly reason: string;
  /** A folder whose name was noted is to be watched and listed anew, because the watch may be another folder's. */
  readonly watchesByPath: boolean;
  /** All that is known by now. */
  take(): Notice[];
  /** Looks at a folder, and watches it first if it is not watched; reports to the host where that is refused. */
  survey(
    folder: Folder,
    path: string,
    names: readonly string[] | null,
    expected: Buffer | null,
  ): Promise<Survey>;
  /** Ends the watch of a folder. */
  forget(folder: Folder): void;
  close(): void;
}

/** How a source reports back to whoever follows it. */
export interface Host {
  /** There is something to take. */
  noticed(): void;
  /** There are no more watches: the folder is not watched. */
  refused(folder: Folder): void;
}
