// statx: what stat returns and what it does not (birth time, mount, O_DIRECT's alignment, attributes),
// as numbers or as bigints. A field that the file system does not know is undefined.
import { firstDouble, type Decode } from "../../request/results.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Send } from "./send.ts";
import {
  descriptorOf,
  flagsOf,
  folderOf,
  isTarget,
  optionsOf,
  pathOf,
  type FolderTarget,
  type PathLike,
  type Target,
} from "./check.ts";
import { constants } from "./constants.ts";

interface Fields<N> {
  /** Which fields are known: STATX_*. */
  mask: number;
  blksize: N;
  /** STATX_ATTR_*, of those in attributesMask. */
  attributes: N;
  attributesMask: N;
  nlink: N;
  uid: N;
  gid: N;
  mode: N;
  ino: N;
  size: N;
  blocks: N;
  rdevMajor: N;
  rdevMinor: N;
  devMajor: N;
  devMinor: N;
  mntId: N | undefined;
  /** Of memory and of offsets; 0 where the file takes no O_DIRECT. */
  dioMemAlign: N | undefined;
  dioOffsetAlign: N | undefined;
}

export interface Statx extends Fields<number> {
  atimeMs: number;
  btimeMs: number | undefined;
  ctimeMs: number;
  mtimeMs: number;
}

export interface BigIntStatx extends Fields<bigint> {
  atimeNs: bigint;
  btimeNs: bigint | undefined;
  ctimeNs: bigint;
  mtimeNs: bigint;
}

export interface StatxOptions extends RequestOptions {
  /** The open folder that a path starts from. */
  at?: FolderTarget | null | undefined;
  /** AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT, AT_STATX_*. */
  flags?: number | undefined;
  /** What is wanted; everything by default. */
  mask?: number | undefined;
  bigint?: boolean | undefined;
}

const { STATX_BTIME, STATX_DIOALIGN, STATX_MNT_ID } = constants;
const { STATX_BASIC_STATS, STATX_MNT_ID_UNIQUE } = constants;
/** All that can be requested. */
export const STATX_EVERYTHING =
  STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID | STATX_DIOALIGN;

/** In the order in which they travel, with the bits that say whether one is known. */
const fields: [name: string, known?: number][] = [
  ["mask"],
  ["blksize"],
  ["attributes"],
  ["attributesMask"],
  ["nlink"],
  ["uid"],
  ["gid"],
  ["mode"],
  ["ino"],
  ["size"],
  ["blocks"],
  ["atime"],
  ["btime", STATX_BTIME],
  ["ctime"],
  ["mtime"],
  ["rdevMajor"],
  ["rdevMinor"],
  ["devMajor"],
  ["devMinor"],
  ["mntId", STATX_MNT_ID | STATX_MNT_ID_UNIQUE],
  ["dioMemAlign", STATX_DIOALIGN],
  ["dioOffsetAlign", STATX_DIOALIGN],
];

const NS_PER_MS = 1e6;

export const decodeStatx =
  (bigint: boolean): Decode =>
  (memory, slot) => {
    const at = firstDouble(slot);
    const mask = Number(memory.bigints[at]);
    const stats: Record<string, unknown> = {};
    fields.forEach(([name, known], i) => {
      const value = memory.bigints[at + i]!;
      const time = name.endsWith("time");
      const key = time ? `${name}${bigint ? "Ns" : "Ms"}` : name;
      if (known !== undefined && (mask & known) === 0) stats[key] = undefined;
      else if (bigint) stats[key] = value;
      else stats[key] = time ? Number(value) / NS_PER_MS : Number(value);
    });
    stats["mask"] = mask;
    return stats;
  };

export function statxCalls(send: Send): {
  /** Describes a file as `stat` does, with its birth time, mount, attributes and alignment; `mask` says what the file system knows. */
  statx(
    target: PathLike | Target,
    options?: StatxOptions & { bigint?: false | undefined },
  ): Promise<Statx>;
  /** The same, in bigints. */
  statx(
    target: PathLike | Target,
    options: StatxOptions & { bigint: true },
  ): Promise<BigIntStatx>;
} {
  return {
    async statx(target: PathLike | Target, options?: StatxOptions) {
      const given = optionsOf(options);
      const a = flagsOf("options.flags", given.flags ?? 0);
      const b = flagsOf("options.mask", given.mask ?? STATX_EVERYTHING);
      const decoder = decodeStatx(given.bigint === true);
      if (isTarget(target)) {
        const open = descriptorOf("target", target, "statx");
        return await send<never>(
          "fstatx",
          { ...open, a, b },
          send.terms(options),
          decoder,
        );
      }
      const path = pathOf("path", target);
      const from = folderOf("options.at", given.at ?? null, "statx");
      const registers = { ...from, path, a, b };
      return await send<never>(
        "statx",
        registers,
        send.terms(options),
        decoder,
      );
    },
  };
}
