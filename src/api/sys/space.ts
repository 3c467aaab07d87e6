// A file's space, what of it is in memory or on the disk, and the position of a descriptor. It knows arguments, not
// file systems.
import { firstDouble, type Decode } from "../../request/results.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Send, Registers, SysOp } from "./send.ts";
import {
  bytesOf,
  descriptorOf,
  flagsOf,
  integer,
  type Target,
} from "./check.ts";
import { constants } from "./constants.ts";

type Bytes = number | bigint;

const WHOLE_RANGE =
  constants.SYNC_FILE_RANGE_WAIT_BEFORE |
  constants.SYNC_FILE_RANGE_WRITE |
  constants.SYNC_FILE_RANGE_WAIT_AFTER;

const decodeFirst: Decode = (memory, slot) => memory.doubles[firstDouble(slot)];

export function spaceCalls(send: Send) {
  /** The registers of a range of an open file. */
  const range = (
    call: SysOp,
    target: Target,
    offset: Bytes,
    length: Bytes,
  ): Registers & { length: number } => ({
    ...descriptorOf("target", target, call),
    position: bytesOf("offset", offset),
    length: bytesOf("length", length),
  });

  return {
    /** Gives a range space, or takes it: FALLOC_FL_*, 0 to allocate. */
    async fallocate(
      target: Target,
      mode: number,
      offset: Bytes,
      length: Bytes,
      options?: RequestOptions,
    ): Promise<void> {
      const a = flagsOf("mode", mode);
      const { length: b, ...at } = range("fallocate", target, offset, length);
      await send("fallocate", { ...at, a, b }, send.terms(options));
    },

    /** Says how a range will be used: POSIX_FADV_*; a length of 0 is to the end. */
    async fadvise(
      target: Target,
      offset: Bytes,
      length: Bytes,
      advice: number,
      options?: RequestOptions,
    ): Promise<void> {
      const { length: a, ...at } = range("fadvise", target, offset, length);
      const b = integer("advice", advice, 0, 7);
      await send("fadvise", { ...at, a, b }, send.terms(options));
    },

    /** Begins to read a range into the page cache, and does not wait for it. */
    async readahead(
      target: Target,
      offset: Bytes,
      length: Bytes,
      options?: RequestOptions,
    ): Promise<void> {
      const { length: a, ...at } = range("readahead", target, offset, length);
      if (a !== 0) await send("readahead", { ...at, a }, send.terms(options));
    },

    /** Brings a range into the page cache and waits for it; a length of 0 is to the end. */
    async pageIn(
      target: Target,
      offset: Bytes = 0,
      length: Bytes = 0,
      options?: RequestOptions,
    ): Promise<void> {
      const { length: a, ...at } = range("pageIn", target, offset, length);
      await send("pageIn", { ...at, a }, send.terms(options));
    },

    /** Writes a range to the disk, and no metadata: not a durable file. A length of 0 is to the end. */
    async syncFileRange(
      target: Target,
      offset: Bytes,
      length: Bytes,
      flags: number = WHOLE_RANGE,
      options?: RequestOptions,
    ): Promise<void> {
      const { length: a, ...at } = range(
        "syncFileRange",
        target,
        offset,
        length,
      );
      const b = flagsOf("flags", flags);
      await send("syncFileRange", { ...at, a, b }, send.terms(options));
    },

    /** Brings the file system that a file is on to its disk. */
    async syncfs(target: Target, options?: RequestOptions): Promise<void> {
      await send(
        "syncfs",
        descriptorOf("target", target, "syncfs"),
        send.terms(options),
      );
    },

    /** Brings all file systems to their disks. */
    async sync(options?: RequestOptions): Promise<void> {
      await send("sync", {}, send.terms(options));
    },

    /** Moves the position, or finds data and holes: SEEK_*. Resolves to the new position. */
    async seek(
      target: Target,
      offset: Bytes,
      whence: number = constants.SEEK_SET,
      options?: RequestOptions,
    ): Promise<number> {
      const open = descriptorOf("target", target, "seek");
      const a = bytesOf("offset", offset, Number.MIN_SAFE_INTEGER);
      const b = integer("whence", whence, 0, constants.SEEK_HOLE);
      return await send<number>(
        "seek",
        { ...open, a, b },
        send.terms(options),
        decodeFirst,
      );
    },
  };
}
