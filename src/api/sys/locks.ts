// Locks of files and of ranges, and dup2. A lock that is waited for holds one worker until it is to
// be had: an abort rejects at once, and cannot call the worker back.
import { decodeCount, decodeNumbers } from "../../request/results.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Send } from "./send.ts";
import {
  INT32_MAX,
  bytesOf,
  descriptorOf,
  integer,
  optionsOf,
  type Target,
} from "./check.ts";
import { constants } from "./constants.ts";

export interface RangeOptions extends RequestOptions {
  offset?: number | bigint | undefined;
  /** 0, the default, is to the end, however far that moves. */
  length?: number | bigint | undefined;
}

export interface OfdLockOptions extends RangeOptions {
  /** false: EAGAIN where somebody else has it. */
  wait?: boolean | undefined;
}

/** A lock of somebody else's. */
export interface OtherLock {
  type: number;
  offset: number;
  length: number;
  /** -1: of an open file, not of a process. */
  pid: number;
}

export interface DupOptions extends RequestOptions {
  /** false: processes that this one starts have it, too. */
  cloexec?: boolean | undefined;
}

export function lockCalls(send: Send) {
  const range = (target: Target, type: number, options?: RangeOptions) => {
    const { offset = 0, length = 0 } = optionsOf(options);
    return {
      ...descriptorOf("target", target, "fcntl"),
      position: bytesOf("options.offset", offset),
      a: integer("type", type, constants.F_RDLCK, constants.F_UNLCK),
      b: bytesOf("options.length", length),
    };
  };

  return {
    /** LOCK_SH, LOCK_EX or LOCK_UN; with LOCK_NB it fails with EAGAIN instead of waiting. */
    async flock(
      target: Target,
      operation: number,
      options?: RequestOptions,
    ): Promise<void> {
      const open = descriptorOf("target", target, "flock");
      const a = integer("operation", operation, 0, INT32_MAX);
      await send("flock", { ...open, a }, send.terms(options));
    },

    /** A range, for everybody who has the same open file: F_RDLCK, F_WRLCK, F_UNLCK. */
    async ofdLock(
      target: Target,
      type: number,
      options?: OfdLockOptions,
    ): Promise<void> {
      const registers = range(target, type, options);
      const c = optionsOf(options).wait === false ? 0 : 1;
      await send("ofdLock", { ...registers, c }, send.terms(options));
    },

    /** A lock that is in the way of one, or null. */
    async ofdQuery(
      target: Target,
      type: number,
      options?: RangeOptions,
    ): Promise<OtherLock | null> {
      const lock = await send<Float64Array>(
        "ofdQuery",
        range(target, type, options),
        send.terms(options),
        decodeNumbers,
      );
      const [found, offset, length, pid] = lock as unknown as number[];
      return found === constants.F_UNLCK
        ? null
        : { type: found!, offset: offset!, length: length!, pid: pid! };
    },

    /** Makes the descriptor `to`, open or not, mean what `target` means. */
    async dup2(
      target: Target,
      to: number,
      options?: DupOptions,
    ): Promise<number> {
      const open = descriptorOf("target", target, "dup2");
      const a = integer("to", to, 0, INT32_MAX);
      const b = optionsOf(options).cloexec === false ? 0 : 1;
      return await send<number>(
        "dup2",
        { ...open, a, b },
        send.terms(options),
        decodeCount,
      );
    },
  };
}
