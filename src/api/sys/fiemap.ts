// fiemap: where on its disk a file lies, extent by extent. Many extents are read in pieces.
import { decodeBytes } from "../../request/results.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Send } from "./send.ts";
import { bytesOf, descriptorOf, optionsOf, type Target } from "./check.ts";
import { constants } from "./constants.ts";

export interface Extent {
  /** In the file. */
  logical: number;
  /** On the disk; 0 where it is not known. */
  physical: number;
  length: number;
  /** FIEMAP_EXTENT_*. */
  flags: number;
}

export interface FiemapOptions extends RequestOptions {
  offset?: number | bigint | undefined;
  /** 0, the default, is to the end. */
  length?: number | bigint | undefined;
  /** Writes the file to the disk first, so that every extent has a place. */
  sync?: boolean | undefined;
  /** Where the extended attributes lie, instead of the data. */
  xattr?: boolean | undefined;
}

const FLAG_SYNC = 1;
const FLAG_XATTR = 2;
/** Extents of one request, and what each takes: four doubles. */
const PIECE = 1024;
const EXTENT_DOUBLES = 4;

export function extentsOf(bytes: Uint8Array): Extent[] {
  const doubles = new Float64Array(
    bytes.buffer,
    bytes.byteOffset,
    bytes.byteLength / Float64Array.BYTES_PER_ELEMENT,
  );
  const extents: Extent[] = [];
  for (let i = 0; i < doubles.length; i += EXTENT_DOUBLES) {
    const [logical, physical, length, flags] = doubles.subarray(i, i + 4);
    extents.push({
      logical: logical!,
      physical: physical!,
      length: length!,
      flags: flags!,
    });
  }
  return extents;
}

export function fiemapCalls(send: Send) {
  return {
    /** Where on its disk a file lies. */
    async fiemap(target: Target, options?: FiemapOptions): Promise<Extent[]> {
      const given = optionsOf(options);
      const terms = send.terms(given);
      const begin = bytesOf("options.offset", given.offset ?? 0);
      const length = bytesOf("options.length", given.length ?? 0);
      const b = (given.sync ? FLAG_SYNC : 0) | (given.xattr ? FLAG_XATTR : 0);
      const room = PIECE * EXTENT_DOUBLES * Float64Array.BYTES_PER_ELEMENT;
      const extents: Extent[] = [];
      for (let position = begin; ;) {
        const open = descriptorOf("target", target, "fiemap");
        const a = length === 0 ? 0 : begin + length - position;
        const registers = { ...open, position, a, b, room };
        const bytes = await send<Uint8Array>(
          "fiemap",
          registers,
          terms,
          decodeBytes,
        );
        const piece = extentsOf(bytes);
        extents.push(...piece);
        const last = piece.at(-1);
        if (last === undefined || piece.length < PIECE) return extents;
        if ((last.flags & constants.FIEMAP_EXTENT_LAST) !== 0) return extents;
        position = last.logical + last.length;
        if (length !== 0 && position >= begin + length) return extents;
      }
    },
  };
}
