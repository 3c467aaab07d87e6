// The errors that are ours: one table of codes for misuse and for what only this library can report.
// I/O errors are not here: they are Node's to the letter and are built in request/errors.ts.
import { withoutOwnFrames, withRoom } from "./own-frames.ts";

type Kind = ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor;

/** For a name that there is not: a sentence on those that there are. */
export interface Instead {
  instead: string;
}

export const misuse = {
  ERR_EIO_CLOSED: [
    Error,
    () =>
      "This eio instance is closed, and takes no more requests. Is an await missing before its close()?",
  ],
  ERR_EIO_REENTRANT: [
    Error,
    () =>
      "wantPoll and donePoll only report an edge; they must not call the instance that called them",
  ],
  ERR_EIO_POLL_FD: [Error, (why: string) => `There is no pollFd: ${why}`],
  ERR_EIO_WORKER_LOST: [
    Error,
    (why: string) => `The worker that ran this request was lost: ${why}`,
  ],
  ERR_EIO_BACKEND_UNAVAILABLE: [
    Error,
    (name: string, why: string) => `Backend "${name}" is not available: ${why}`,
  ],
  ERR_EIO_INVALID_OPTION: [
    TypeError,
    (name: string, want: string | Instead, got: string) =>
      typeof want === "string"
        ? `Option "${name}" must be ${want}. Received ${got}`
        : `There is no option "${name}"; ${want.instead} Received ${got}`,
  ],
  ERR_EIO_UNKNOWN_LANE: [
    RangeError,
    (name: string, known: string) =>
      `This eio instance has no lane "${name}". It has: ${known}`,
  ],
  ERR_EIO_CUSTOM: [
    Error,
    (module: string, name: string, why = "is not a function") =>
      `"${name}" of ${module} ${why}`,
  ],
  ERR_EIO_UNCLONEABLE: [
    TypeError,
    (what: string, why: string) =>
      `${what} cannot be sent between threads: ${why}`,
  ],
  ERR_EIO_FILE_CHANGED: [
    Error,
    (bytes: number, sent: number) =>
      `The file became shorter while it was being sent: ${bytes} bytes were promised, ${sent} were sent`,
  ],
  ERR_EIO_GROUP: [
    Error,
    (why: string) => `Cannot be added to the group: ${why}`,
  ],
  ERR_EIO_TOO_LARGE: [
    RangeError,
    (what: string, bytes: number, max: number) =>
      `${what} takes ${bytes} bytes, more than the limit of ${max}`,
  ],
  ERR_EIO_WD: [
    TypeError,
    (what: string, why: string) =>
      `${what} cannot be used with a working directory: ${why}`,
  ],
  ERR_EIO_WD_CLOSED: [
    Error,
    (path: string) =>
      `The working directory '${path}' is closed. Is an await missing before its close()?`,
  ],
  ERR_EIO_NO_MEMORY: [
    RangeError,
    (bytes: number, why: string) =>
      `There is no memory for the ${bytes} bytes that the instance shares with its threads: ${why}. Raise the limit, or create it with smaller slots, arenaBytes and allocBytes`,
  ],
  ERR_EIO_GROUP_CLOSED: [
    Error,
    () =>
      "This group is closed: nothing would wait for this call. Is an await missing inside its scope?",
  ],
  ERR_EIO_BENEATH_UNAVAILABLE: [
    Error,
    (why: string) => `Paths cannot be kept within a folder here: ${why}`,
  ],
  ERR_EIO_LOG_CLOSED: [
    Error,
    (path: string, why: string) => `The log '${path}' is closed: ${why}`,
  ],
  ERR_EIO_LOG_CORRUPT: [
    Error,
    (path: string, offset: number, why: string) =>
      `The log '${path}' is damaged at offset ${offset}: ${why}`,
  ],
  ERR_EIO_LOG_LOCKED: [
    Error,
    (path: string) => `The log '${path}' already has a writer`,
  ],
  ERR_EIO_LOCK_UNAVAILABLE: [
    Error,
    (path: string, why: string) =>
      `The system's locks cannot be used for '${path}' here, but leaseLock() can: ${why}`,
  ],
  ERR_EIO_LEASE_LOST: [
    Error,
    (path: string, why: string) => `The lease lock '${path}' was lost: ${why}`,
  ],
  ERR_EIO_NOT_INSTALLED: [
    Error,
    (door: string, name: string, why = "is in a package of its own") =>
      `${door} ${why}, which is not installed: npm install ${name}`,
  ],
  ERR_EIO_EXECUTOR_CLOSED: [
    Error,
    (why: string) => `This executor is closed, and ${why}`,
  ],
  ERR_EIO_EXECUTOR_FULL: [
    Error,
    (max: number) =>
      `${max} calls and sessions, the limit (maxQueue), are waiting for a thread of this executor`,
  ],
  ERR_EIO_SESSION_ENDED: [
    Error,
    () =>
      "This session has ended, and takes no more calls. Is an await missing before its end()?",
  ],
  ERR_EIO_SESSION_RESET: [
    Error,
    (name: string) =>
      `This session was reset because its call of "${name}" was cancelled: take another one`,
  ],
  ERR_EIO_SESSION_LOST: [
    Error,
    (why: string) =>
      `The thread of this session was lost, and with it all that was not committed: ${why}`,
  ],
  ERR_EIO_SESSION_BUSY: [
    Error,
    (name: string) =>
      `The stream "${name}" of this session is still open: read it to its end, or leave it, before another call`,
  ],
  ERR_EIO_CALL_SKIPPED: [
    Error,
    (name: string) =>
      `This call was not run because an earlier one of this session, "${name}", failed`,
  ],
} satisfies Record<string, [Kind, (...args: never[]) => string]>;

/** In the package, and in the repository; GitHub and others make the anchors of its headings. */
const DOCUMENTED_IN = "node-eio/docs/errors.md";

export type MisuseCode = keyof typeof misuse;
type Details<C extends MisuseCode> = Parameters<(typeof misuse)[C][1]>;

export function misuseError<C extends MisuseCode>(
  code: C,
  ...details: Details<C>
): Error & { code: C } {
  const [Base, text] = misuse[code] as unknown as [
    Kind,
    (...args: Details<C>) => string,
  ];
  const says = `${text(...details)} (${DOCUMENTED_IN}#${code.toLowerCase()})`;
  const error = withRoom(() => new Base(says));
  return Object.assign(withoutOwnFrames(error), { code });
}
