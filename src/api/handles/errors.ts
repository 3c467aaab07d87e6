// Errors of a handle's state, in Node's words. They are about the handle, not about a file.
import { withoutOwnFrames, withRoom } from "../../util/own-frames.ts";
import { coded } from "../argument-errors.ts";
import { callSite } from "../observe/call-site.ts";

export const invalidState = (what: string): Error =>
  coded(new Error(`Invalid state: ${what}`), "ERR_INVALID_STATE");

/** Of what happened in nobody's call: without frames, and without Node's first words. */
export function invalidStateAlone(message: string): Error {
  const error = coded(new Error(message), "ERR_INVALID_STATE");
  error.stack = String(error);
  return error;
}

export const notImplemented = (what: string): Error =>
  coded(
    new Error(`The ${what} method is not implemented`),
    "ERR_METHOD_NOT_IMPLEMENTED",
  );

interface Gone {
  /** Instead of having been closed. */
  goneBecause: string | null;
  /** The stack of its close(), where handles are tracked. */
  closedBy: { stack?: string } | null;
}

/** What Node says of a handle that is not open; `syscall` is the name of its own function. What Node does not say is the cause. */
export const fileClosed = (
  syscall: string,
  { goneBecause, closedBy }: Gone,
): Error => {
  const options =
    goneBecause === null ? { cause: closingOf("FileHandle", closedBy) } : {};
  const make = (): Error => new Error(goneBecause ?? "file closed", options);
  const error = withoutOwnFrames(withRoom(make));
  return Object.assign(error, { code: "EBADF", syscall });
};

/** Where it was closed, for whoever tracks handles; for others, how to find out. A stack for each close would cost too much. */
export function closingOf(what: string, closedBy: Gone["closedBy"]): Error {
  const { stack = "" } = closedBy ?? {};
  const says =
    closedBy === null
      ? `The ${what} was closed before this call. To see where, run it with NODE_EIO_TRACK_HANDLES=1, or create the instance with trackHandles: true`
      : `The ${what} was closed here`;
  const cause = new Error(says);
  cause.stack = [String(cause), callSite(stack)].filter(Boolean).join("\n");
  return cause;
}
