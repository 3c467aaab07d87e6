// Folders in one crossing. The result is compact: types as one byte each on request, then the
// names separated by NUL; for trees, also the folders that they lie in.
import type fs from "node:fs";
import type { Frame } from "./frame.ts";
import { listTree } from "./folder-trees.ts";
import { WITH_TYPES, sendParts, typeOf } from "./listing.ts";
import { openDir, pathOf } from "./paths.ts";

/** Names as latin1: one character for each byte, so that nothing of a name is lost. */
const BYTES = "latin1" as "utf8";
const TYPED = { encoding: BYTES, withFileTypes: true } as const;
/** Entries that are read from the system at once. */
const BATCH = 32;

export function listFolder(f: Frame): number {
  if (f.b !== 0) return listTree(f);
  const path = pathOf(f);
  if ((f.a & WITH_TYPES) === 0)
    return sendListing(f, null, f.fs.readdirSync(path, BYTES));
  let entries;
  try {
    entries = f.fs.readdirSync(path, TYPED);
  } catch (error) {
    return listUntyped(f, path, error as NodeJS.ErrnoException, () =>
      f.fs.readdirSync(path, BYTES),
    );
  }
  return sendEntries(f, entries);
}

/** In the order of the disk (nothing is sorted): what an iteration wants. */
export function openFolder(f: Frame): number {
  const path = pathOf(f);
  const entries: fs.Dirent[] = [];
  const dir = openDir(f.fs, path, { bufferSize: BATCH, encoding: BYTES });
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
      entries.push(entry);
      if (f.cancelled) break;
    }
  } catch (error) {
    return listUntyped(f, path, error as NodeJS.ErrnoException, () =>
      f.fs.readdirSync(path, BYTES),
    );
  } finally {
    dir.closeSync();
  }
  return sendEntries(f, entries);
}

/**
 * For a file system that gives no types: Node takes them from lstat, by a path that it makes of our
 * latin1 names, which does not lead to a name that is not ASCII, or not at all if the path is bytes.
 */
function listUntyped(
  f: Frame,
  path: string,
  error: NodeJS.ErrnoException,
  list: () => string[],
): number {
  if (error.syscall !== "lstat" && error.code !== "ERR_INVALID_ARG_TYPE")
    throw error;
  const names = list();
  const folder = Buffer.concat([Buffer.from(path), Buffer.from("/")]);
  const types = names.map((name) =>
    typeOf(
      f.fs.lstatSync(Buffer.concat([folder, Buffer.from(name, "latin1")])),
    ),
  );
  return sendListing(f, Uint8Array.from(types), names);
}

let scratch = new Uint8Array(4096);

function sendEntries(f: Frame, entries: fs.Dirent[]): number {
  const count = entries.length;
  if (scratch.byteLength < count) scratch = new Uint8Array(count * 2);
  // The array is ours: each entry gives way to its name.
  const names = entries as unknown as string[];
  for (let i = 0; i < count; i++) {
    const entry = entries[i]!;
    scratch[i] = typeOf(entry);
    names[i] = entry.name;
  }
  return sendListing(f, scratch.subarray(0, count), names);
}

function sendListing(
  f: Frame,
  types: Uint8Array | null,
  names: string[],
): number {
  return sendParts(f, types, names.join("\0"), "latin1", names.length);
}
