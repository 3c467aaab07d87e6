// Reads the records of a log in their order, over all of its segments, and waits for more on request. It does not know who
// writes them: that may be another process.
import { misuseError } from "../../util/errors.ts";
import { checkNames } from "../option-names.ts";
import { lastingNames, type LastingOptions } from "../lasting-options.ts";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";
import { throwIfAborted, untilWoken } from "../waiting.ts";
import type { Submitter } from "../submitter.ts";
import type { FileHandle } from "../types.ts";
import { HEADER_BYTES, getFrame } from "./frame.ts";
import { readAt } from "../files/read-at.ts";
import { filesUnder, type InstanceFiles, type LogFiles } from "./files.ts";
import { listSegments, readHeader, type Ends } from "./segments.ts";

export interface LogRecord {
  /** Where the record starts, for use as `from`. */
  offset: number;
  data: Buffer;
}

export interface ReadLogOptions {
  /** The offset of the first record to read. Default: the oldest record. */
  from?: number | undefined;
  /** Waits for more records at the end, until the signal aborts or the log is closed. Default: false. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface Source {
  files: LogFiles;
  folder: string;
  /** Where the log ends for now; null: where no record is. */
  end(): number | null;
  /** Resolves when there may be something behind an offset; false: there will be nothing. */
  more(offset: number, signal: AbortSignal | undefined): Promise<boolean>;
}

const PIECE_BYTES = 1 << 18;

export function damaged(folder: string, offset: number, why: string): Error {
  const error = misuseError("ERR_EIO_LOG_CORRUPT", folder, offset, why);
  return Object.assign(error, { offset });
}

export async function* readRecords(
  source: Source,
  { from = 0, follow = false, signal }: ReadLogOptions,
): AsyncGenerator<LogRecord, void, void> {
  const { files, folder } = source;
  const ends = { signal };
  let offset = from;
  for (;;) {
    throwIfAborted(signal);
    // What lies before it can be read by now: what is appended meanwhile need not be.
    const end = source.end();
    const segments = await listSegments(files, folder, ends);
    const at = Math.max(
      0,
      segments.findLastIndex(({ start }) => start <= offset),
    );
    const segment = segments[at];
    if (segment !== undefined) {
      offset = Math.max(offset, segment.start);
      const before = offset;
      const handle = await openKept(files, segment.path, ends);
      // It was too old to be kept, and was removed since it was listed.
      if (handle === null) continue;
      let size: number;
      try {
        const place = { path: segment.path, offset };
        const records = readSegment(source, handle, place, ends);
        for await (const { offset: here, data, bytes } of records) {
          offset = here + bytes;
          yield { offset: here, data };
          throwIfAborted(signal);
        }
        size = Number((await handle.stat(ends)).size);
      } finally {
        await handle.close();
      }
      if (offset !== before) continue;
      const next = segments[at + 1];
      if (
        next !== undefined &&
        size === HEADER_BYTES + offset - segment.start
      ) {
        // It is complete, and what followed it was removed: the removal of it alone was lost with the power.
        offset = next.start;
        continue;
      }
      if (next !== undefined)
        throw damaged(folder, offset, "a later segment follows");
      if (end !== null && offset < end)
        throw damaged(folder, offset, "its CRC is wrong");
    }
    if (!follow || !(await source.more(offset, signal))) return;
  }
}

/** null: it is not there. */
async function openKept(
  { promises }: LogFiles,
  path: string,
  ends: Ends,
): Promise<FileHandle | null> {
  try {
    return await promises.open(path, "r", undefined, ends);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

interface Found extends LogRecord {
  bytes: number;
}

/** The records of one segment, up to its end or to that of the log. */
async function* readSegment(
  { end }: Source,
  handle: FileHandle,
  from: { path: string; offset: number },
  ends: Ends,
): AsyncGenerator<Found, void, void> {
  const segment = await readHeader(handle, from.path, ends);
  if (segment === null) return;
  const { start, salt } = segment;
  let { offset } = from;
  let need = PIECE_BYTES;
  for (;;) {
    const limit = end() ?? Infinity;
    const position = HEADER_BYTES + offset - start;
    const bytes = await readAt(handle, position, need, ends);
    let at = 0;
    let frame = getFrame(bytes, at, offset, salt);
    while (frame !== null && typeof frame !== "number" && offset < limit) {
      const { data, bytes: length } = frame;
      yield { offset, data: Buffer.from(data), bytes: length };
      at += length;
      offset += length;
      frame = getFrame(bytes, at, offset, salt);
    }
    if (typeof frame !== "number" || bytes.length < need || offset >= limit)
      return;
    need = Math.max(PIECE_BYTES, frame);
  }
}

const POLL_MS = 50;

/** Reads a log that another process may be writing. Records are visible once they are written, which may be before they are synced. */
export function readLog(
  given: InstanceFiles,
  engine: () => Submitter,
  folder: string,
  options: ReadLogOptions & LastingOptions = {},
): AsyncGenerator<LogRecord, void, void> {
  checkNames(options, ["from", "follow", "signal", ...lastingNames]);
  const files = filesUnder(given, engine, options);
  const more = async (
    _offset: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> => {
    await untilWoken({ signal, onClose: files.onClose }, (wake) => {
      const timer = setTimeout(wake, POLL_MS);
      return () => clearTimeout(timer);
    });
    return true;
  };
  return readRecords({ files, folder, end: () => null, more }, options);
}
