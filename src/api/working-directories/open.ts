// Opens a working directory: its descriptor, its absolute path, and whether this machine can keep
// paths within it. What it is good for afterwards is not known here.
import nodeFs from "node:fs";
import { resolve, sep } from "node:path";
import { loadNative } from "../../backends/native.ts";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes, decodeCount, decodeNone } from "../../request/results.ts";
import { misuseError } from "../../util/errors.ts";
import type { PathLike } from "../arguments.ts";
import { invalidArgType } from "../argument-errors.ts";
import { presentHeld } from "../descriptors/environment.ts";
import { Descriptor } from "../handles/descriptor.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import { promised, settlePromise } from "../submit.ts";
import { pathOf } from "../sys/check.ts";
import { constants } from "../sys/constants.ts";
import { applyTerms, endsCall, termsOf, type Terms } from "../terms.ts";
import { Start } from "./start.ts";
import { WorkingDirectory, type WdOptions } from "./working-directory.ts";

export interface OpenWdOptions extends WdOptions, RequestOptions {}

/** A misspelt `beneath` would let paths out of the folder. */
const checkOptions = ownOptions<OpenWdOptions>({ beneath: true, xdev: true });

const LINUX = process.platform === "linux";
const WINDOWS = process.platform === "win32";
/** Enough to start from, also where the folder may be searched and not read. */
const O_PATH = LINUX ? 0o10000000 : nodeFs.constants.O_RDONLY;
export const FOLDER = O_PATH | nodeFs.constants.O_DIRECTORY;
const { RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_XDEV } = constants;

/** What it is opened with is for opening it alone; so is the folder that its path starts in. */
export async function openWd(
  engine: () => Submitter,
  path: PathLike,
  options: OpenWdOptions = {},
): Promise<WorkingDirectory> {
  checkOptions(options);
  const terms = termsOf(engine(), options);
  const limits = limitsOf(options, terms.wd);
  const request = new Request(
    WINDOWS ? ops.opendir.code : ops.open.code,
    WINDOWS ? decodeNone : decodeCount,
    settlePromise,
  );
  request.path = pathOf("path", path);
  request.a = FOLDER;
  if (!WINDOWS) request.present = presentHeld;
  const within = absoluteNow(terms.wd?.path, request.path.toString());
  const opened = await promised<number | undefined>(
    engine(),
    applyTerms(request, terms),
  );
  const descriptor = new Descriptor(engine(), opened ?? -1);
  try {
    const real = await realpathOf(descriptor, terms.withoutFolders);
    if (limits !== 0)
      await probe(descriptor, limits, real !== null, terms.withoutFolders);
    return workingDirectory(engine, descriptor, real, within, limits);
  } catch (error) {
    await descriptor.close();
    throw error;
  }
}

/** As it is where the current folder was removed: its path is not to be had any more. */
export function absoluteNow(base: string | undefined, path: string): string {
  try {
    return resolve(base ?? "", path);
  } catch {
    return path;
  }
}

/** `real` is null where no path leads by a descriptor: `within` is put in front of paths then. */
export function workingDirectory(
  engine: () => Submitter,
  descriptor: Descriptor,
  real: string | null,
  within: string,
  limits = 0,
): WorkingDirectory {
  const prefix = real === null ? withSlash(within) : null;
  const folder = new Start(descriptor, real ?? within, limits, prefix);
  return new WorkingDirectory(descriptor, folder, engine);
}

const withSlash = (path: string): string =>
  path.endsWith(sep) ? path : path + sep;

/** A folder in one that paths are kept in is such a one, too, by default. */
function limitsOf(
  { beneath, xdev }: OpenWdOptions,
  parent: Start | null,
): number {
  const given = {
    beneath: beneath ?? parent?.keeps ?? false,
    xdev: xdev ?? true,
  };
  for (const name of ["beneath", "xdev"] as const)
    if (typeof given[name] !== "boolean")
      throw invalidArgType(`options.${name}`, "of type boolean", given[name]);
  if (!given.beneath) {
    if (given.xdev) return 0;
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "xdev",
      "true unless beneath is true",
      "false",
    );
  }
  return (
    RESOLVE_BENEATH |
    RESOLVE_NO_MAGICLINKS |
    (given.xdev ? 0 : RESOLVE_NO_XDEV) |
    (parent?.resolve ?? 0)
  );
}

/** null: no path leads by a descriptor here. */
async function realpathOf(
  descriptor: Descriptor,
  terms: Terms,
): Promise<string | null> {
  if (!LINUX) return null;
  const request = new Request(ops.realpath.code, decodeBytes, settlePromise);
  request.path = `/proc/self/fd/${descriptor.fd}`;
  request.allowed = true;
  try {
    const termed = applyTerms(request, terms);
    return (await promised<Buffer>(descriptor.engine, termed)).toString();
  } catch (error) {
    if (endsCall(error)) throw error;
    return null;
  }
}

/** Tries with the kernel what every path will need of it. */
async function probe(
  descriptor: Descriptor,
  limits: number,
  proc: boolean,
  terms: Terms,
): Promise<void> {
  const refused = (why: string): Error =>
    misuseError("ERR_EIO_BENEATH_UNAVAILABLE", why);
  const native = loadNative();
  if (native.addon === null)
    throw refused(`it needs the native addon (${native.reason})`);
  if (!proc) throw refused("/proc is not mounted");
  const request = new Request(ops.openat2.code, decodeCount, settlePromise);
  request.fd = descriptor.fd;
  request.path = ".";
  request.allowed = true;
  request.a = FOLDER;
  request.c = limits;
  request.present = presentHeld;
  let opened: number;
  try {
    opened = await promised<number>(
      descriptor.engine,
      applyTerms(request, terms),
    );
  } catch (error) {
    if (endsCall(error)) throw error;
    throw refused((error as Error).message);
  }
  await new Descriptor(descriptor.engine, opened).close();
}
