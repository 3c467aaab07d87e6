// Folders in one crossing. The answer is compact: how many entries, their types as one byte each
// when asked, then names (and for trees the folders they lie in) separated by NUL.
import fs from "node:fs";
import type { Frame } from "./frame.ts";

/** Bits of the `types` operand of scandir. */
export const WITH_TYPES = 1;
export const RAW_NAMES = 2;

type Entry = fs.Dirent | fs.Dirent<Buffer>;
interface Typed {
  name: string | Buffer;
  parentPath?: string | Buffer;
  path?: string | Buffer;
}

const UV_TYPES = [
  ["isFile", 1],
  ["isDirectory", 2],
  ["isSymbolicLink", 3],
  ["isFIFO", 4],
  ["isSocket", 5],
  ["isCharacterDevice", 6],
  ["isBlockDevice", 7],
] as const;

let typeKey: symbol | undefined;
/** Node keeps the type under a symbol; asking its seven methods in turn is the way without. */
export function typeOf(entry: Entry): number {
  typeKey ??= Object.getOwnPropertySymbols(entry)[0];
  const type =
    typeKey && (entry as unknown as Record<symbol, unknown>)[typeKey];
  if (typeof type === "number") return type;
  for (const [method, value] of UV_TYPES) if (entry[method]()) return value;
  return 0;
}

export function listFolder(f: Frame): number {
  const raw = (f.a & RAW_NAMES) !== 0;
  const recursive = f.b !== 0;
  const encoding = raw ? "buffer" : "utf8";
  if ((f.a & WITH_TYPES) === 0) {
    const names = fs.readdirSync(f.path.toString(), {
      encoding: encoding as "utf8",
      recursive,
    });
    return raw
      ? sendRaw(f, names as unknown as Buffer[])
      : f.text(names.join("\0"), names.length);
  }
  const entries = fs.readdirSync(f.path.toString(), {
    encoding: encoding as "utf8",
    withFileTypes: true,
    recursive,
  });
  return sendEntries(f, entries, raw, recursive);
}

/** In the order of the disk (nothing is sorted): what an iteration wants. */
export function openFolder(f: Frame): number {
  const raw = (f.a & RAW_NAMES) !== 0;
  const recursive = f.b !== 0;
  const encoding = (raw ? "buffer" : "utf8") as "utf8";
  const dir = fs.opendirSync(f.path.toString(), {
    bufferSize: 1024,
    recursive,
    encoding,
  });
  const entries: fs.Dirent[] = [];
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
      entries.push(entry);
      if (f.cancelled) break;
    }
  } finally {
    dir.closeSync();
  }
  return sendEntries(f, entries, raw, recursive);
}

function sendEntries(
  f: Frame,
  entries: fs.Dirent[],
  raw: boolean,
  recursive: boolean,
): number {
  const count = entries.length;
  const types = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) types[i] = typeOf(entries[i]!);
  const names: string | Buffer = raw
    ? joinRaw(entries.map((entry) => entry.name as unknown as Buffer))
    : entries.map((entry) => entry.name).join("\0");
  const parts: (string | Buffer)[] = [names];
  if (recursive) parts.push("\0", parentsOf(entries).join("\0"));
  const bytes =
    types.byteLength +
    parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  if (bytes > f.dataBytes)
    return f.move(
      Buffer.concat([
        types,
        ...parts.map((part) => Buffer.from(part as string)),
      ]),
      count,
    );
  let at = f.dataOffset;
  f.bytes.set(types, at);
  at += count;
  for (const part of parts) {
    if (typeof part === "string") at += f.bytes.utf8Write(part, at, bytes);
    else {
      f.bytes.set(part, at);
      at += part.byteLength;
    }
  }
  f.setOutBytes(bytes);
  return count;
}

/** The folder of each entry; an empty string stands for "as the one before". */
function parentsOf(entries: Typed[]): string[] {
  let last: string | undefined;
  return entries.map((entry) => {
    const parent = String(entry.parentPath ?? entry.path);
    if (parent === last) return "";
    last = parent;
    return parent;
  });
}

function joinRaw(names: Buffer[]): Buffer {
  const separator = Buffer.from([0]);
  return Buffer.concat(
    names.flatMap((name, i) => (i === 0 ? [name] : [separator, name])),
  );
}

const sendRaw = (f: Frame, names: Buffer[]): number =>
  f.send(joinRaw(names), names.length);
