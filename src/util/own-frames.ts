// The frames of an error's stack that are this package's: whoever reads a stack looks for the frames of the
// call. Bundled into an application they look like the application's, and stay.
import { dist } from "./package.ts";

const own = import.meta.filename;
/** As the stack of a CommonJS file shows it; that of an ES module has it behind `file://`. */
const folder = own.endsWith(".ts")
  ? own.replace(/([\\/]src[\\/]).*$/, "$1")
  : `${dist.replace(/[\\/]$/, "")}/`;
/** The same as part of a URL: other names of a folder with a space in it, say. */
const folderInUrl = new URL(`file://${folder.replaceAll("\\", "/")}`).pathname;
/** The packages beside the core, as npm installs them. */
const PACKAGES = /[\\/]node_modules[\\/]@node-eio[\\/]/;
/** So many frames may be ours, above those of the caller. */
const ROOM = 20;
const FRAME = /\n {4}at /;

export const isOwnFrame = (line: string): boolean =>
  line.includes(folder) || line.includes(folderInUrl) || PACKAGES.test(line);

/** Makes something that may fail with an error whose stack has room for our frames and the caller's. */
export function withRoom<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  const widened =
    stackTraceLimit > 0 &&
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit + ROOM);
  try {
    return make();
  } finally {
    if (widened) Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Takes our frames out of the stack of an error that was made with room for them. */
export function withoutOwnFrames<T>(error: T): T {
  if (!(error instanceof Error)) return error;
  // A program's own Error.prepareStackTrace may have made anything of it.
  const stack: unknown = error.stack;
  if (typeof stack !== "string") return error;
  const [header, ...frames] = stack.split(FRAME);
  const theirs = frames.filter((frame, i) => {
    const { [i + 1]: caller } = frames;
    const native = frame.endsWith("(<anonymous>)");
    return !isOwnFrame(native && caller !== undefined ? caller : frame);
  });
  if (theirs.length === frames.length && frames.length <= Error.stackTraceLimit)
    return error;
  error.stack = [header, ...theirs.slice(0, Error.stackTraceLimit)].join(
    "\n    at ",
  );
  return error;
}
