// The types of the doors: Node's own, with our options accepted by every function and with what
// later versions of Node have. They are made from the types of the Node that is installed.
import type nodeFs from "node:fs";
import type { Dirent, Mode, OpenMode, PathLike } from "node:fs";
import type nodePromises from "node:fs/promises";
import type { FileHandle as NodeFileHandle } from "node:fs/promises";
import type { FileHandleType } from "./handles/types.ts";
import type { RequestOptions } from "./request-options.ts";
import type { CalledWithOptions, PromisedWithOptions } from "./with-options.ts";

export type { RequestOptions };

type NodePromises = typeof nodePromises;
type NodeFs = typeof nodeFs;
type View = NodeJS.ArrayBufferView;
type NodeError = NodeJS.ErrnoException | null;
/** What later versions have: Node's own signatures come first where its types have them too. */
type After<Node, Later> = {
  [K in keyof Later]: K extends keyof Node ? Node[K] & Later[K] : Later[K];
};

/** Node's FileHandle, with our options in every method. */
export type FileHandle = FileHandleType &
  Pick<HandleWithOptions, "appendFile" | "readFile" | "stat">;
type HandleWithOptions = {
  [K in keyof NodeFileHandle]: PromisedWithOptions<NodeFileHandle[K]>;
};

// --- what later versions have ---

export interface GlobOptions extends RequestOptions {
  /** Where to begin; the current folder by default. */
  cwd?: string | URL | undefined;
  /** Paths to leave out, or a function that says which. */
  exclude?: ((path: string) => boolean) | readonly string[] | undefined;
  withFileTypes?: false | undefined;
}
export interface GlobOptionsWithTypes extends Omit<
  GlobOptions,
  "withFileTypes" | "exclude"
> {
  exclude?: ((entry: Dirent) => boolean) | readonly string[] | undefined;
  withFileTypes: true;
}
type Patterns = string | readonly string[];

export interface DisposableTempDir {
  path: string;
  /** Removes the folder and what is in it. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface LaterPromises {
  /** Names the files that match a pattern. */
  glob(
    pattern: Patterns,
    options?: GlobOptions,
  ): AsyncGenerator<string, undefined>;
  glob(
    pattern: Patterns,
    options: GlobOptionsWithTypes,
  ): AsyncGenerator<Dirent, undefined>;
  /** Makes a folder with a unique name, which goes when its scope ends. */
  mkdtempDisposable(
    prefix: PathLike,
    options?:
      | (RequestOptions & { encoding?: BufferEncoding | null | undefined })
      | BufferEncoding
      | null,
  ): Promise<DisposableTempDir>;
}

interface LaterCallbacks {
  /** Names the files that match a pattern. */
  glob(
    pattern: Patterns,
    callback: (error: NodeError, matches: string[]) => void,
  ): void;
  glob(
    pattern: Patterns,
    options: GlobOptions,
    callback: (error: NodeError, matches: string[]) => void,
  ): void;
  glob(
    pattern: Patterns,
    options: GlobOptionsWithTypes,
    callback: (error: NodeError, matches: Dirent[]) => void,
  ): void;
}

// --- node-eio/promises ---

/** Node's own, and made by functions of ours: not widened. */
type PromisesAsTheyAre = "constants" | "lchmod" | "watch" | "open";

type WidenedPromises = {
  [K in keyof NodePromises]: K extends PromisesAsTheyAre
    ? NodePromises[K]
    : PromisedWithOptions<NodePromises[K]>;
};

export interface EioPromises
  extends
    Omit<WidenedPromises, "open" | keyof LaterPromises>,
    After<NodePromises, LaterPromises> {
  /** Opens a file. */
  open(
    path: PathLike,
    flags?: OpenMode | null,
    mode?: Mode | null,
    options?: RequestOptions,
  ): Promise<FileHandle>;
}

// --- node-eio/fs ---

/** Watchers, classes and what takes no options of ours; synchronous functions are recognised by their names. */
type FsAsItIs =
  | `${string}Sync`
  | "promises"
  | "watch"
  | "watchFile"
  | "unwatchFile"
  | "exists"
  | "close"
  | "lchmod"
  | "openAsBlob"
  | "Utf8Stream";

/** Generic in what they are given: written out, because arithmetic on signatures forgets that. */
interface DataCallbacks {
  read<T extends View>(
    fd: number,
    buffer: T,
    options: ReadWhere & RequestOptions,
    callback: (error: NodeError, bytesRead: number, buffer: T) => void,
  ): void;
  read<T extends View = Buffer>(
    fd: number,
    options: ReadWhere & RequestOptions & { buffer?: T | undefined },
    callback: (error: NodeError, bytesRead: number, buffer: T) => void,
  ): void;
  write<T extends View>(
    fd: number,
    buffer: T,
    options: WriteWhere & RequestOptions,
    callback: (error: NodeError, bytesWritten: number, buffer: T) => void,
  ): void;
}
export interface ReadWhere {
  offset?: number | null | undefined;
  length?: number | null | undefined;
  position?: number | bigint | null | undefined;
}
export interface WriteWhere {
  offset?: number | undefined;
  length?: number | undefined;
  position?: number | null | undefined;
}
type Generic = "read" | "readv" | "write" | "writev";

type WidenedFs = {
  [K in keyof NodeFs]: K extends FsAsItIs
    ? NodeFs[K]
    : K extends keyof DataCallbacks
      ? NodeFs[K] & DataCallbacks[K]
      : K extends Generic
        ? NodeFs[K]
        : CalledWithOptions<NodeFs[K]>;
};

/** Under these names in Node's module, and not in the types of every version. */
type Known<Name extends string> =
  NodeFs extends Record<Name, infer T> ? T : undefined;
interface UntypedNames {
  FileReadStream: NodeFs["ReadStream"];
  FileWriteStream: NodeFs["WriteStream"];
  Utf8Stream: Known<"Utf8Stream">;
  globSync: Known<"globSync">;
  mkdtempDisposableSync: Known<"mkdtempDisposableSync">;
  openAsBlobSync: Known<"openAsBlobSync">;
  _toUnixTimestamp(time: string | number | Date): number;
}

export interface EioFs
  extends
    Omit<WidenedFs, "promises" | keyof LaterCallbacks | keyof UntypedNames>,
    After<NodeFs, LaterCallbacks>,
    UntypedNames {
  promises: EioPromises;
}
