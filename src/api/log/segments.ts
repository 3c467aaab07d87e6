// The segments of a log: files in its folder, named by the offset of their first record. It knows how one is made, found and
// checked, not when.
import { randomInt } from "node:crypto";
import { constants } from "node:fs";
import { syncFolder } from "../sync-folder.ts";
import { readAt } from "../files/read-at.ts";
import type { RequestOptions } from "../request-options.ts";
import type { FileHandle } from "../types.ts";
import type { LogFiles } from "./files.ts";
import {
  HEADER_BYTES,
  decodeHeader,
  encodeHeader,
  getFrame,
  wasSynced,
  type Header,
} from "./frame.ts";

const NAME_DIGITS = 16;
const NAME = /^(\d{16})\.seg$/;
const PIECE_BYTES = 1 << 20;
const SALTS = 2 ** 32 - 1;

/** What ends a read. */
export type Ends = Pick<RequestOptions, "signal">;

const { O_CREAT, O_RDWR, O_TRUNC } = constants;
const { O_DSYNC } = constants as { O_DSYNC?: number };
const { bun, deno } = process.versions;

/**
 * What a write to a segment takes to be on the disk when it returns; null: it takes an fdatasync. Deno and Bun do not pass the flag on, and
 * macOS does not flush the disk's own cache for it.
 */
export const writeThrough: number | null =
  process.platform === "linux" && bun === undefined && deno === undefined
    ? (O_DSYNC ?? null)
    : null;

/** One that is there is opened as it is. */
export const OPEN_FLAGS = O_RDWR;
const CREATE_FLAGS = O_RDWR | O_CREAT | O_TRUNC;

export interface Segment extends Header {
  path: string;
}

const nameOf = (start: number): string =>
  `${String(start).padStart(NAME_DIGITS, "0")}.seg`;

/** Where they begin, in their order; nothing of them is read. */
export async function listSegments(
  { promises }: LogFiles,
  folder: string,
  ends: Ends = {},
): Promise<{ path: string; start: number }[]> {
  const names = await promises.readdir(folder, ends);
  return names
    .flatMap((name) => {
      const [, digits] = NAME.exec(name) ?? [];
      return digits === undefined
        ? []
        : [{ path: `${folder}/${name}`, start: Number(digits) }];
    })
    .sort((a, b) => a.start - b.start);
}

/** It, and its name, are on the disk when this resolves. */
export async function createSegment(
  { promises }: LogFiles,
  folder: string,
  start: number,
  how: number,
): Promise<{ segment: Segment; handle: FileHandle }> {
  const path = `${folder}/${nameOf(start)}`;
  const salt = randomInt(SALTS);
  const handle = await promises.open(path, CREATE_FLAGS | how);
  try {
    const header = encodeHeader({ start, salt });
    await writeAll(handle, header, 0);
    await handle.sync();
    await syncFolder({ promises }, folder);
  } catch (error) {
    await handle.close();
    await promises.unlink(path).catch(() => {});
    throw error;
  }
  return { segment: { path, start, salt }, handle };
}

export async function writeAll(
  handle: FileHandle,
  bytes: Buffer,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(
      bytes,
      done,
      bytes.length - done,
      position + done,
    );
    done += bytesWritten;
  }
}

/** null: it has no header, so nothing that was acknowledged is in it. */
export async function readHeader(
  handle: FileHandle,
  path: string,
  ends: Ends = {},
): Promise<Segment | null> {
  const bytes = await readAt(handle, 0, HEADER_BYTES, ends);
  const header = decodeHeader(bytes);
  return header === null ? null : { path, ...header };
}

export interface Checked {
  /** The offset behind the last record. */
  end: number;
  /** What follows had been synced, and is damaged. */
  damaged: boolean;
  /** Something other than zeros follows. */
  torn: boolean;
}

/** Reads all records of a segment. */
export async function checkSegment(
  handle: FileHandle,
  { start, salt }: Segment,
): Promise<Checked> {
  let end = start;
  let position = HEADER_BYTES;
  let need = PIECE_BYTES;
  for (;;) {
    const bytes = await readAt(handle, position, need);
    let at = 0;
    let frame = getFrame(bytes, at, end, salt);
    while (frame !== null && typeof frame !== "number") {
      at += frame.bytes;
      end += frame.bytes;
      frame = getFrame(bytes, at, end, salt);
    }
    position += at;
    if (typeof frame === "number" && bytes.length === need) {
      need = Math.max(PIECE_BYTES, frame);
      continue;
    }
    const { size } = await handle.stat();
    const rest = await readAt(handle, position, Number(size) - position);
    const torn = rest.some((byte) => byte !== 0);
    return { end, torn, damaged: torn && wasSynced(rest, 0, end, salt) };
  }
}
