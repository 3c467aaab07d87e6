// Data from one descriptor to another, without a way through JavaScript's memory. It knows arguments, and not who
// moves the data.
import { decodeCount } from "../../request/results.ts";
import { retainBoth } from "../handles/retained.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Send, Registers, SysOp } from "./send.ts";
import {
  bytesOf,
  descriptorOf,
  flagsOf,
  optionsOf,
  placeOf,
  type Target,
} from "./check.ts";

type Bytes = number | bigint;
/** null is the descriptor's own position, which then moves. */
type Place = Bytes | null;

export interface ReflinkOptions extends RequestOptions {
  /** Where the range begins; the whole file where none of the three is given. */
  srcOffset?: Bytes | undefined;
  destOffset?: Bytes | undefined;
  /** 0, the default, is to the end. */
  length?: Bytes | undefined;
}

/** The first descriptor is the request's own, the second travels as its first number. */
function pair(call: SysOp, one: [string, Target], two: [string, Target]) {
  const { fd, owner } = descriptorOf(...one, call);
  const other = descriptorOf(...two, call);
  return { fd, a: other.fd, owner: retainBoth(owner, other.owner) };
}

export function copyCalls(send: Send) {
  const count = (
    call: SysOp,
    registers: Registers,
    options: RequestOptions | undefined,
  ): Promise<number> =>
    send<number>(call, registers, send.terms(options), decodeCount);

  return {
    /** Sends from a file to a socket, a pipe or a file. Resolves to how many bytes went. */
    async sendfile(
      output: Target,
      input: Target,
      inOffset: Place,
      length: Bytes,
      options?: RequestOptions,
    ): Promise<number> {
      const both = pair("sendfile", ["output", output], ["input", input]);
      const position = placeOf("inOffset", inOffset);
      const b = bytesOf("length", length);
      return await count("sendfile", { ...both, position, b }, options);
    },

    /** Moves data from or to a pipe: SPLICE_F_*. 0 is the end of the input. */
    async splice(
      input: Target,
      inOffset: Place,
      output: Target,
      outOffset: Place,
      length: Bytes,
      flags = 0,
      options?: RequestOptions,
    ): Promise<number> {
      const both = pair("splice", ["input", input], ["output", output]);
      const position = placeOf("inOffset", inOffset);
      const b = placeOf("outOffset", outOffset);
      const c = bytesOf("length", length);
      const d = flagsOf("flags", flags);
      return await count("splice", { ...both, position, b, c, d }, options);
    },

    /** Copies what is in one pipe to another, and leaves it in the first. */
    async tee(
      input: Target,
      output: Target,
      length: Bytes,
      flags = 0,
      options?: RequestOptions,
    ): Promise<number> {
      const both = pair("tee", ["input", input], ["output", output]);
      const b = bytesOf("length", length);
      const c = flagsOf("flags", flags);
      return await count("tee", { ...both, b, c }, options);
    },

    /** Copies a range; fewer bytes than requested is no error, 0 is the end of the input. */
    async copyFileRange(
      input: Target,
      inOffset: Place,
      output: Target,
      outOffset: Place,
      length: Bytes,
      options?: RequestOptions,
    ): Promise<number> {
      const both = pair("copyFileRange", ["input", input], ["output", output]);
      const position = placeOf("inOffset", inOffset);
      const b = placeOf("outOffset", outOffset);
      const c = bytesOf("length", length);
      return await count("copyFileRange", { ...both, position, b, c }, options);
    },

    /** Makes two files share their space (FICLONE, FICLONERANGE). */
    async reflink(
      src: Target,
      dest: Target,
      options?: ReflinkOptions,
    ): Promise<void> {
      const { srcOffset, destOffset, length } = optionsOf(options);
      const both = pair("reflink", ["dest", dest], ["src", src]);
      const whole = (srcOffset ?? destOffset ?? length) === undefined;
      const position = whole
        ? -1
        : bytesOf("options.destOffset", destOffset ?? 0);
      const b = bytesOf("options.srcOffset", srcOffset ?? 0);
      const c = bytesOf("options.length", length ?? 0);
      await send("reflink", { ...both, position, b, c }, send.terms(options));
    },
  };
}
