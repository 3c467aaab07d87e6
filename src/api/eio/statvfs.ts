// What statvfs tells, in the order in which it travels.
import { firstDouble, type Decode } from "../../request/results.ts";

/** A file system, as statvfs(3) describes it. */
export interface EioStatvfs {
  bsize: number;
  frsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
  favail: number;
  /** All 64 bits. */
  fsid: bigint;
  flag: number;
  namemax: number;
}

const names = [
  "bsize",
  "frsize",
  "blocks",
  "bfree",
  "bavail",
  "files",
  "ffree",
  "favail",
  "fsid",
  "flag",
  "namemax",
] as const;

export const decodeStatvfs: Decode = ({ bigints }, slot) => {
  const at = firstDouble(slot);
  const told = {} as Record<string, number | bigint>;
  names.forEach((name, i) => {
    const value = BigInt.asUintN(64, bigints[at + i]!);
    told[name] = name === "fsid" ? value : Number(value);
  });
  return told as unknown as EioStatvfs;
};
