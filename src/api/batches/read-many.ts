// readMany: many ranges of one file in one submission. Ranges that touch or nearly touch become
// one read, because a system call costs as much as some thousand bytes copied for nothing.
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { Request } from "../../request/request.ts";
import { decodeInto } from "../../request/results.ts";
import { acceptFd } from "../arguments.ts";
import { checkArray, invalidArgType, outOfRange } from "../argument-errors.ts";
import { outcomeOf, together, type Outcome } from "./batch.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import { settlePromise } from "../submit.ts";
import { termsOf } from "../terms.ts";

export interface Range {
  position: number;
  length: number;
}

export interface ReadManyOptions extends RequestOptions {
  /** Ranges with a gap of at most so many bytes are read as one. */
  mergeGapBytes?: number | undefined;
}

const checkOptions = ownOptions<ReadManyOptions>({ mergeGapBytes: true });

export interface RangeRead {
  bytesRead: number;
  /** As long as what was read; ranges that were merged share memory. */
  buffer: Buffer;
}

const MERGE_GAP_BYTES = 4096;

interface Run {
  position: number;
  end: number;
  members: number[];
}

export async function readMany(
  engine: Submitter,
  handle: { fd: number } | number,
  ranges: readonly Range[],
  options: ReadManyOptions = {},
): Promise<Outcome<RangeRead>[]> {
  checkOptions(options);
  const fd = acceptFd(typeof handle === "number" ? handle : handle?.fd);
  if (Number.isNaN(fd))
    throw invalidArgType("handle", "an open FileHandle or a number", handle);
  checkArray("ranges", ranges);
  ranges.forEach(checkRange);
  const outcomes = new Array<Outcome<RangeRead>>(ranges.length);
  const reads = mergeRanges(
    ranges,
    options.mergeGapBytes ?? MERGE_GAP_BYTES,
  ).flatMap((run) => readsOf(fd, run));
  await together(
    engine,
    reads.map(({ request }) => request),
    termsOf(engine, options),
    "read",
  );
  for (const [run, pieces] of groupByRun(reads)) {
    const failed = pieces.find(({ request }) => request.result < 0);
    const bytes = countOf(pieces);
    for (const member of run.members) {
      const { position, length } = ranges[member]!;
      const start = position - run.position;
      outcomes[member] = outcomeOf((failed ?? pieces[0]!).request, () => {
        const buffer = pieces[0]!.whole.subarray(
          start,
          Math.max(start, Math.min(start + length, bytes)),
        );
        return { bytesRead: buffer.byteLength, buffer };
      });
    }
  }
  return outcomes;
}

interface Piece {
  run: Run;
  request: Request;
  whole: Buffer;
}

/** What was read from the start of the run on without a gap. */
function countOf(pieces: Piece[]): number {
  let bytes = 0;
  for (const { request } of pieces) {
    bytes += Math.max(0, request.result);
    if (request.result < request.data!.byteLength) break;
  }
  return bytes;
}

function groupByRun(pieces: Piece[]): Map<Run, Piece[]> {
  const groups = new Map<Run, Piece[]>();
  for (const piece of pieces) {
    const group = groups.get(piece.run);
    if (group === undefined) groups.set(piece.run, [piece]);
    else group.push(piece);
  }
  return groups;
}

function checkRange(range: Range, index: number): void {
  for (const key of ["position", "length"] as const) {
    const value = range[key] as unknown;
    const name = `ranges[${index}].${key}`;
    if (typeof value !== "number")
      throw invalidArgType(name, "of type number", value);
    if (!Number.isSafeInteger(value) || value < 0)
      throw outOfRange(name, `>= 0 && <= ${Number.MAX_SAFE_INTEGER}`, value);
  }
}

/** Ranges in the order of the file, neighbours joined. */
export function mergeRanges(ranges: readonly Range[], gapBytes: number): Run[] {
  const order = ranges
    .map((_, i) => i)
    .sort((a, b) => ranges[a]!.position - ranges[b]!.position);
  const runs: Run[] = [];
  for (const member of order) {
    const { position, length } = ranges[member]!;
    const end = position + length;
    const last = runs.at(-1);
    if (
      last !== undefined &&
      position <= last.end + gapBytes &&
      Math.max(last.end, end) - last.position <= DATA_MAX_BYTES
    ) {
      last.end = Math.max(last.end, end);
      last.members.push(member);
    } else runs.push({ position, end, members: [member] });
  }
  return runs;
}

function readsOf(fd: number, run: Run): Piece[] {
  const whole = Buffer.allocUnsafeSlow(run.end - run.position);
  const pieces: Piece[] = [];
  for (let at = 0; at === 0 || at < whole.byteLength; at += DATA_MAX_BYTES) {
    const request = new Request(ops.read.code, decodeInto, settlePromise);
    request.fd = fd;
    request.position = run.position + at;
    request.data = whole.subarray(at, at + DATA_MAX_BYTES);
    pieces.push({ run, request, whole });
  }
  return pieces;
}
