// Names: opening, making and renaming, from an open folder where one is given. It knows arguments and flags, not how
// limits are kept.
import type { Submitter } from "../submitter.ts";
import { decodeCount } from "../../request/results.ts";
import { acceptFlags, acceptMode } from "../arguments.ts";
import { invalidArgType, invalidArgValue } from "../argument-errors.ts";
import { held, type HasDescriptor } from "../handles/descriptor.ts";
import { openHandle } from "../handles/file-handle.ts";
import { presentHeld } from "../descriptors/environment.ts";
import { noteOpened, placeOf } from "../observe/handles.ts";
import { retainBoth } from "../handles/retained.ts";
import type { RequestOptions } from "../request-options.ts";
import type { FileHandle } from "../types.ts";
import type { Terms } from "../terms.ts";
import type { Send } from "./send.ts";
import {
  UINT32_MAX,
  flagsOf,
  folderOf,
  integer,
  optionsOf,
  pathOf,
  type PathLike,
  type FolderTarget,
} from "./check.ts";

/** Where paths start: an open folder, or null for the process's own. */
type Folder = FolderTarget | null;

export interface RenameOptions extends RequestOptions {
  at?: Folder | undefined;
  /** For the new path; as `at` by default. */
  newAt?: Folder | undefined;
}

export interface MknodOptions extends RequestOptions {
  at?: Folder | undefined;
  /** Of a device. */
  major?: number | undefined;
  minor?: number | undefined;
}

export interface OpenHow extends RequestOptions {
  /** As for open; "r" by default. */
  flags?: string | number | undefined;
  /** Of a file that is made; 0o666 by default. */
  mode?: string | number | undefined;
  /** RESOLVE_*: where the path may lead. */
  resolve?: number | undefined;
}

const MODE = 0o666;
/** Kernels refuse a mode where nothing is made. */
const MAKES = 0o100 | 0o20000000;

function openFlags(name: string, value: unknown): number {
  const flags = acceptFlags(value);
  if (!Number.isNaN(flags)) return flags;
  if (typeof value === "string" || typeof value === "number")
    throw invalidArgValue(name, value, "is invalid");
  throw invalidArgType(name, "of type string or number", value);
}

function modeOf(name: string, value: unknown): number {
  const mode = acceptMode(value, MODE);
  if (!Number.isNaN(mode)) return mode;
  if (typeof value === "number") return flagsOf(name, value);
  throw invalidArgValue(
    name,
    value,
    "must be a 32-bit unsigned integer or an octal string",
  );
}

/** Makes handles of descriptors. */
function adopter(engine: () => Submitter) {
  return async function opened(
    descriptor: Promise<number>,
  ): Promise<FileHandle> {
    const place = placeOf(engine(), opened);
    const handle = await openHandle(await descriptor, engine);
    noteOpened(engine(), (handle as unknown as HasDescriptor)[held], place);
    return handle as unknown as FileHandle;
  };
}

/** openat by the terms of a call that may make other requests, too. */
export type OpenIn = (
  folder: Folder,
  path: PathLike,
  flags: string | number,
  mode: string | number,
  terms: Terms,
) => Promise<FileHandle>;

export function openerIn(send: Send, engine: () => Submitter): OpenIn {
  const opened = adopter(engine);
  return async (folder, path, flags, mode, terms) => {
    const registers = {
      ...folderOf("folder", folder, "openat"),
      path: pathOf("path", path),
      a: openFlags("flags", flags),
      b: modeOf("mode", mode),
      present: presentHeld,
    };
    return await opened(send<number>("openat", registers, terms, decodeCount));
  };
}

export function nameCalls(send: Send, engine: () => Submitter, openIn: OpenIn) {
  const opened = adopter(engine);
  return {
    /** Opens a path that starts in an open folder. */
    async openat(
      folder: Folder,
      path: PathLike,
      flags: string | number = "r",
      mode: string | number = MODE,
      options?: RequestOptions,
    ): Promise<FileHandle> {
      const terms = send.terms(options);
      return await openIn(folder, path, flags, mode, terms);
    },

    /** Opens a path and limits where it may lead: RESOLVE_*. */
    async openat2(
      folder: Folder,
      path: PathLike,
      how?: OpenHow,
    ): Promise<FileHandle> {
      const given = optionsOf(how);
      const a = openFlags("how.flags", given.flags);
      const mode = modeOf("how.mode", given.mode);
      const registers = {
        ...folderOf("folder", folder, "openat2"),
        path: pathOf("path", path),
        a,
        b: (a & MAKES) === 0 ? 0 : mode,
        c: flagsOf("how.resolve", given.resolve ?? 0),
        present: presentHeld,
      };
      return await opened(
        send<number>("openat2", registers, send.terms(how), decodeCount),
      );
    },

    /** Renames: RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT. */
    async renameat2(
      oldPath: PathLike,
      newPath: PathLike,
      flags = 0,
      options?: RenameOptions,
    ): Promise<void> {
      const { at = null, newAt = at } = optionsOf(options);
      const from = folderOf("options.at", at, "renameat2");
      const to = folderOf("options.newAt", newAt, "renameat2");
      const registers = {
        fd: from.fd,
        wd: from.wd,
        wd2: to.wd,
        owner: retainBoth(from.owner, to.owner),
        path: pathOf("oldPath", oldPath),
        path2: pathOf("newPath", newPath),
        a: to.fd,
        b: flagsOf("flags", flags),
      };
      await send("renameat2", registers, send.terms(options));
    },

    /** Makes a fifo, a socket, a file or a device: S_IF* and permissions. */
    async mknod(
      path: PathLike,
      mode: number,
      options?: MknodOptions,
    ): Promise<void> {
      const { at = null, major = 0, minor = 0 } = optionsOf(options);
      const registers = {
        ...folderOf("options.at", at, "mknod"),
        path: pathOf("path", path),
        a: flagsOf("mode", mode),
        b: integer("options.major", major, 0, UINT32_MAX),
        c: integer("options.minor", minor, 0, UINT32_MAX),
      };
      await send("mknod", registers, send.terms(options));
    },
  };
}
