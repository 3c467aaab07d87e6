// The types of the door's arguments and results. It does not know which request takes or gives them.
import type { FileHandle } from "../types.ts";
import type { EioDirent, EioWd } from "./request.ts";

/** A descriptor, or a handle of ours. */
export type EioFd = number | FileHandle;
/** A path that starts where the process is. */
export type EioPlainPath = string | Uint8Array | URL;
/** A path, or one that starts in a working directory. */
export type EioPath = EioPlainPath | readonly [EioWd | null, EioPlainPath];
/** What a read fills: the caller's buffer, or one that is made where null was given. */
export type EioRead<B> = B extends null ? Buffer : B;
/** What a folder has in it: names, or with READDIR_DENTS entries; see `names` and `dents` of a request. */
export type EioListing = (string | Buffer)[] | EioDirent<string | Buffer>[];
