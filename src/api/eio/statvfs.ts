// What statvfs returns, in the order in which it travels. It does not know how it is called.
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
  const fields = {} as Record<string, number | bigint>;
  names.forEach((name, i) => {
    const value = BigInt.asUintN(64, bigints[at + i]!);
    fields[name] = name === "fsid" ? value : Number(value);
  });
  return fields as unknown as EioStatvfs;
};
