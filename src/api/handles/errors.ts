// Errors of a handle's state, in Node's words. They are about the handle, not about a file.
import { withoutOwnFrames, withRoom } from "../../util/own-frames.ts";
import { coded } from "../argument-errors.ts";
import { callSite } from "../observe/call-site.ts";

export const invalidState = (what: string): Error =>
  coded(new Error(`Invalid state: ${what}`), "ERR_INVALID_STATE");

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

/** What Node says of a handle that is not open; `syscall` is the name of its own function. */
export const fileClosed = (
  syscall: string,
  { goneBecause, closedBy }: Gone,
): Error =>
  Object.assign(
    withoutOwnFrames(withRoom(() => new Error(goneBecause ?? "file closed"))),
    { code: "EBADF", syscall },
    closedBy === null ? {} : { cause: closingOf(closedBy) },
  );

/** Where the handle was closed, for whoever tracks handles. */
function closingOf({ stack = "" }: { stack?: string }): Error {
  const cause = new Error("The FileHandle was closed here");
  cause.stack = [String(cause), callSite(stack)].filter(Boolean).join("\n");
  return cause;
}
