// openDirect: a file opened to bypass the page cache, whatever its file system requires for that. It
// knows how such a file is opened; how it is read and written is the access's business.
import nodeFs, { type OpenMode, type Mode, type PathLike } from "node:fs";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { errnoOf, systemError } from "../../request/errors.ts";
import { Request } from "../../request/request.ts";
import { openHeld } from "../files/open.ts";
import { callNodePromise } from "../call-forms.ts";
import { held, type HasDescriptor } from "../handles/descriptor.ts";
import { noteOpened, placeOf } from "../observe/handles.ts";
import { ownOptions } from "../misspelt.ts";
import { checkSwitch } from "../option-values.ts";
import type { RequestOptions } from "../request-options.ts";
import { promised, settlePromise } from "../submit.ts";
import { decodeStats } from "../files/stats.ts";
import { termsOf, applyTerms, type Terms } from "../terms.ts";
import { DirectAccess, type Rights } from "./access.ts";
import { alignmentOf, type Alignment } from "./alignment.ts";
import { Blocks } from "./blocks.ts";
import { directHandle, type DirectFileHandle } from "./handle.ts";

export interface DirectOptions extends RequestOptions {
  /** Opens the file through the page cache where its file system refuses to bypass it. */
  fallback?: boolean | undefined;
}

const checkOptions = ownOptions<DirectOptions>({ fallback: true });

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_EXCL } = nodeFs.constants;
const O_ACCMODE = 3;
/** Not on every system. */
const O_DIRECT = nodeFs.constants.O_DIRECT as number | undefined;
const EINVAL = errnoOf("EINVAL");

export async function openDirect(
  engine: () => Submitter,
  path: PathLike,
  flags?: OpenMode | null,
  mode?: Mode | null,
  options: DirectOptions = {},
): Promise<DirectFileHandle> {
  checkOptions(options);
  checkSwitch("fallback", options.fallback);
  const terms = termsOf(engine(), options);
  const request = openHeld([path, flags, mode, terms], engine);
  if (request === null)
    return (await callNodePromise("open", [
      path,
      flags,
      mode,
      options,
    ])) as DirectFileHandle;
  const place = placeOf(engine(), openDirect);
  const handle =
    (await tryDirect(engine, request, terms)) ??
    (await openThroughCache(engine, request, terms, options));
  noteOpened(engine(), handle[held], place);
  return handle;
}

async function openThroughCache(
  engine: () => Submitter,
  request: Request,
  terms: Terms,
  options: DirectOptions,
): Promise<DirectFileHandle & HasDescriptor> {
  if (options.fallback !== true) throw refused(request);
  // The refused call made the file already, and found that nobody else had.
  const again = request.a & ~O_EXCL;
  return directHandle(await openWith(engine, request, terms, again), engine);
}

/** null: refused, by the file system or for want of aligned memory. */
async function tryDirect(
  engine: () => Submitter,
  request: Request,
  terms: Terms,
): Promise<(DirectFileHandle & HasDescriptor) | null> {
  if (O_DIRECT === undefined || engine().memory.pages === null) return null;
  const opened = request.a;
  const how = opened & O_ACCMODE;
  const rights = {
    readable: how !== O_WRONLY,
    writable: how !== O_RDONLY,
    appends: (opened & O_APPEND) !== 0,
  };
  // Parts of blocks are read before they are written; the end of the file is found by ourselves.
  const flags =
    (opened & ~(O_APPEND | O_ACCMODE)) |
    O_DIRECT |
    (rights.writable ? O_RDWR : O_RDONLY);
  let fd: number;
  try {
    fd = await openWith(engine, request, terms, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === EINVAL) return null;
    throw error;
  }
  const handle = await directHandle(fd, engine);
  try {
    if (await equip(handle, rights, terms)) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

/** Gives the handle what it needs to know; false: the file takes no direct transfers after all. */
async function equip(
  handle: HasDescriptor,
  rights: Rights,
  terms: Terms,
): Promise<boolean> {
  const descriptor = handle[held];
  const request = new Request(ops.fstat.code, decodeStats, settlePromise);
  request.fd = descriptor.fd;
  request.owner = descriptor;
  request.a = 1;
  const stats = await promised<nodeFs.BigIntStats>(
    descriptor.engine,
    applyTerms(request, terms),
  );
  // Folders, pipes and devices that are no disks have no blocks; they are used as they are.
  if (!stats.isFile() && !stats.isBlockDevice()) return true;
  const device = stats.isFile() ? stats.dev : stats.rdev;
  const alignment: Alignment | null = await alignmentOf(descriptor.fd, device);
  if (alignment === null) return false;
  const length = Number(stats.size);
  const blocks = new Blocks(descriptor, alignment, rights.writable, length);
  descriptor.access = new DirectAccess(descriptor, blocks, rights);
  return true;
}

function openWith(
  engine: () => Submitter,
  { path, b }: Request,
  terms: Terms,
  flags: number,
): Promise<number> {
  const request = openHeld([path, flags, b, terms], engine)!;
  return promised<number>(engine(), request);
}

function refused({ path }: Request): Error {
  const error = systemError(EINVAL, "open", path);
  error.cause = new Error(
    "The file system does not let files bypass the page cache (O_DIRECT). " +
      "With { fallback: true } the file is opened all the same, and handle.direct is false.",
  );
  return error;
}
