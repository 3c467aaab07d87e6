// Working directories for the calls of the system's that take a folder's descriptor beside the path, or none at all:
// they cannot be kept within a folder, and say so. How limits are kept is not known here.
import type { Request } from "../../../request/request.ts";
import { misuseError } from "../../../util/errors.ts";
import type { Start } from "../../working-directories/start.ts";

const join = (folder: string, path: string | Uint8Array): string | Buffer =>
  typeof path === "string"
    ? folder + path
    : Buffer.concat([Buffer.from(folder), path]);

const isAbsolute = (path: string | Uint8Array): boolean =>
  path[0] === "/" || path[0] === 47;

function plainly(wd: Start, call: string): Start {
  if (!wd.keeps) return wd;
  throw misuseError("ERR_EIO_WD", `eio_${call}`, "it could leave the folder");
}

/** The descriptor for `wd` goes where the op has its own; returns the path. */
export function atFolder(
  request: Request,
  wd: "wd" | "wd2",
  path: "path" | "path2",
  to: "fd" | "a",
  call: string,
): void {
  const folder = request[wd] as Start | null;
  request[to] = -1;
  if (folder === null) return;
  const { prefix, fd } = plainly(folder, call);
  request[wd] = null;
  const given = request[path]!;
  if (prefix === null) request[to] = fd;
  else if (!isAbsolute(given)) request[path] = join(prefix, given);
}

/** For calls without such a descriptor: by a path that leads there. */
export function byPath(request: Request, call: string): void {
  const folder = request.wd as Start | null;
  if (folder === null) return;
  const { prefix, fd } = plainly(folder, call);
  request.wd = null;
  const given = request.path!;
  if (!isAbsolute(given) && given.length !== 0)
    request.path = join(prefix ?? `/proc/self/fd/${fd}/`, given);
}

/**
 * A working directory itself, as "." in it, cannot be removed or renamed from within: the path that it was
 * opened by is, as in libeio. One that lets no path out keeps to what the kernel says.
 */
export function itself(
  request: Request,
  wd: "wd" | "wd2",
  path: "path" | "path2",
): void {
  const folder = request[wd] as Start | null;
  if (folder === null || folder.keeps) return;
  if (String(request[path]) !== ".") return;
  request[wd] = null;
  request[path] = folder.path;
}
