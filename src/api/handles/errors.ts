// Errors of a handle's state, in Node's words. They are about the handle, not about a file.
import { withoutOwnFrames, withRoom } from "../../util/own-frames.ts";
import { coded } from "../argument-errors.ts";

export const invalidState = (what: string): Error =>
  coded(new Error(`Invalid state: ${what}`), "ERR_INVALID_STATE");

export const notImplemented = (what: string): Error =>
  coded(
    new Error(`The ${what} method is not implemented`),
    "ERR_METHOD_NOT_IMPLEMENTED",
  );

/** What Node says of a handle that is not open; `syscall` is the name of its own function. */
export const fileClosed = (
  syscall: string,
  because: string | null = null,
): Error =>
  Object.assign(
    withoutOwnFrames(withRoom(() => new Error(because ?? "file closed"))),
    { code: "EBADF", syscall },
  );
