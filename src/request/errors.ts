// Errors of I/O, in exactly Node's shape and text, for every door. It does not know who gets them.
import { getSystemErrorMap } from "node:util";
import { captureAwaiting } from "../util/awaiting-frames.ts";
import {
  NodeSystemError,
  type SystemErrorInfo,
} from "../util/node-system-error.ts";

/** What a failed request knows: enough to build the error that Node would have built. */
export interface FaultDetails {
  name?: string;
  message?: string;
  code?: string;
  errno?: number;
  syscall?: string;
  path?: string;
  dest?: string;
  info?: unknown;
  /** Of what the permission model denies. */
  permission?: string;
  resource?: string;
}

export interface SystemError extends Error {
  errno: number;
  code: string;
  syscall: string;
  path?: string;
  dest?: string;
}

let errors: ReturnType<typeof getSystemErrorMap> | undefined;
let errnoByCode: Map<string, number> | undefined;

/** Node makes it anew for each who calls. */
const systemErrors = (): NonNullable<typeof errors> =>
  (errors ??= getSystemErrorMap());

export function errnoOf(code: string): number {
  errnoByCode ??= new Map(
    [...systemErrors()].map(([errno, [code]]) => [code, errno]),
  );
  return errnoByCode.get(code) ?? -4094;
}

/** No frame is above it. */
const nobody = (): void => {};

/**
 * An error that is made as it was: without frames, as Node's own of I/O. Those of the moment are ours, and
 * lead to nobody's call. Where the limit of frames cannot be changed they are taken away again.
 */
export function frameless<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  const limited = Reflect.set(Error, "stackTraceLimit", 0);
  let error: E;
  try {
    error = make();
  } finally {
    if (limited) Error.stackTraceLimit = stackTraceLimit;
  }
  if (!limited) showAbove(error, nobody);
  framed.add(error);
  return error;
}

/** Those whose frames are ours to set: not the user's, nor Node's. */
const framed = new WeakSet<Error>();

function showAbove(error: Error, above: (...args: never[]) => unknown): void {
  if (error instanceof NodeSystemError) error.showAbove(above);
  else Error.captureStackTrace(error, above);
}

/** For a callback, which nobody awaits. */
export const hideFrames = (error: unknown): void => showCaller(error, nobody);

/** In the async function that its caller awaits: the error shows who awaits it, and nothing of ours. */
export function showCaller(
  error: unknown,
  above: (...args: never[]) => unknown,
): void {
  if (framed.has(error as Error))
    captureAwaiting(error as Error, () => showAbove(error as Error, above));
}

/** The promise of a call of several requests: its errors show who awaits it, not what it consists of. */
export async function outward<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    showCaller(error, outward);
    throw error;
  }
}

const textOf = (path: string | Uint8Array): string =>
  typeof path === "string" ? path : Buffer.from(path).toString();

/** What libuv has no name for (EDQUOT, say) is to Node its number, twice. */
function unnamed(errno: number): [code: string, text: string] {
  const text = `Unknown system error ${errno}`;
  return [text, text];
}

/** `ENOENT: no such file or directory, open 'x' -> 'y'` with its properties in Node's order. */
export function systemError(
  errno: number,
  syscall: string,
  path?: string | Uint8Array | null,
  dest?: string | Uint8Array | null,
): SystemError {
  const [code, text] = systemErrors().get(errno) ?? unnamed(errno);
  let message = `${code}: ${text}, ${syscall}`;
  if (path != null) message += ` '${textOf(path)}'`;
  if (dest != null) message += ` -> '${textOf(dest)}'`;
  const error = new Error(message) as SystemError;
  error.errno = errno;
  error.code = code;
  error.syscall = syscall;
  if (path != null) error.path = textOf(path);
  if (dest != null) error.dest = textOf(dest);
  return error;
}

/** What an exception says of itself, so that the caller gets it as the request's failure. */
export function faultOf(error: unknown): FaultDetails {
  const { name, message, code } = error as Error & { code?: string };
  return { name, message: String(message), ...(code ? { code } : {}) };
}

const BASES: Record<string, ErrorConstructor> = { TypeError, RangeError };

/** An error of Node's own JavaScript that was thrown on a worker (ERR_FS_EISDIR, ERR_FS_CP_...). */
export function faultError(fault: FaultDetails): Error {
  if (fault.message === undefined && fault.errno !== undefined)
    return systemError(
      fault.errno,
      fault.syscall ?? "",
      fault.path,
      fault.dest,
    );
  if (fault.name === "SystemError")
    return new NodeSystemError(fault.code!, fault.info as SystemErrorInfo);
  const Base = BASES[fault.name ?? ""] ?? Error;
  const error = new Base(fault.message);
  const { name, message: _message, ...rest } = fault;
  if (name !== undefined && error.name !== name)
    Object.defineProperty(error, "name", {
      value: name,
      configurable: true,
      writable: true,
    });
  return Object.assign(error, rest);
}

/** Node's AbortError: what a promise is rejected with when its signal fires. */
export class AbortError extends Error {
  readonly code = "ABORT_ERR";
  constructor(cause?: unknown) {
    super(
      "The operation was aborted",
      cause === undefined ? undefined : { cause },
    );
    this.name = "AbortError";
  }
}
