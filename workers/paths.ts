// The path of a request as Node's sync functions take it best, and what their errors leave out. It does not know what
// is done with the path.
import type fs from "node:fs";
import type { Frame } from "./frame.ts";
import type { PlacedFs } from "./places.ts";

/** A string where the path is one: Node is faster with them, and needs them to resolve types. */
export function pathOf(f: Frame): string {
  const text = f.path.toString();
  return text.includes("\ufffd")
    ? (Buffer.from(f.path) as unknown as string)
    : text;
}

/** The sync form does not say which folder it was that could not be opened. */
export function openDir(
  files: PlacedFs,
  path: string | Buffer,
  options?: fs.OpenDirOptions,
): fs.Dir {
  try {
    return files.opendirSync(path as string, options);
  } catch (error) {
    (error as NodeJS.ErrnoException).path ??= path.toString();
    throw error;
  }
}

/** Linux has a path for what an open folder contains; elsewhere only paths of their own go. */
export function pathAt(f: Frame): Buffer | null {
  const path = Buffer.from(f.path);
  if (f.fd === -1 || path[0] === 47) return path;
  if (process.platform !== "linux") return null;
  return Buffer.concat([Buffer.from(`/proc/self/fd/${f.fd}/`), path]);
}
