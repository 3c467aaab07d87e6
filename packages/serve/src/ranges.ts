// The Range header, for a file of a known length (RFC 9110, 14). It knows numbers only.

export interface ByteRange {
  start: number;
  /** The last byte. */
  end: number;
}

/** The ranges to send; `whole`: the header is to be ignored; `none`: there is nothing at any of them. */
export type Ranges = ByteRange[] | "whole" | "none";

const SPEC = /^(?:(\d+)[ \t]*-[ \t]*(\d*)|-[ \t]*(\d+))$/;

export function parseRanges(
  header: string,
  size: number,
  rangesMax: number,
): Ranges {
  const [, list] = /^bytes=(.*)$/is.exec(header.trim()) ?? [];
  // Another unit is not ours to refuse.
  if (list === undefined) return "whole";
  const ranges: ByteRange[] = [];
  let bytes = 0;
  let specs = 0;
  for (const part of list.split(",")) {
    const spec = part.trim();
    if (spec === "") continue;
    const range = rangeOf(spec, size);
    if (range === null) return "none";
    // A request for too many means harm, or has no use for parts.
    if (++specs > rangesMax) return "whole";
    if (range.start > range.end) {
      // All of an empty file is no part of it.
      if (range.start === 0) return "whole";
      continue;
    }
    ranges.push(range);
    bytes += range.end - range.start + 1;
  }
  if (specs === 0) return "whole";
  if (ranges.length === 0) return "none";
  return bytes > size ? "whole" : ranges;
}

/** Empty, with its start behind its end, where it cannot be satisfied; null where it is no range. */
function rangeOf(spec: string, size: number): ByteRange | null {
  const [, first, last, suffix] = SPEC.exec(spec) ?? [];
  if (suffix !== undefined)
    return { start: Math.max(0, size - Number(suffix)), end: size - 1 };
  if (first === undefined) return null;
  const start = Number(first);
  const given = last === undefined || last === "" ? Infinity : Number(last);
  // `5-2` is no range: as when there is nothing there.
  return { start, end: Math.min(given, size - 1) };
}

export const contentRange = ({ start, end }: ByteRange, size: number): string =>
  `bytes ${start}-${end}/${size}`;
