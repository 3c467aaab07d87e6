// From a call of eio.sys to a request, and from a request that failed for want of native code to an
// error that says so. It knows no single call.
import { loadNative } from "../../backends/native.ts";
import type { Submitter } from "../submitter.ts";
import type { Register } from "../../ops/kinds.ts";
import type { sysOps } from "../../ops/sys-ops.ts";
import { ops } from "../../ops/table.ts";
import { frameless, systemError } from "../../request/errors.ts";
import { Request, type Decode } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { misuseError } from "../../util/errors.ts";
import { promised, settlePromise } from "../submit.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";

export type SysOp = keyof typeof sysOps;

export type Registers = Partial<
  Pick<
    Request,
    Exclude<Register, "buffers"> | "room" | "owner" | "wd" | "wd2" | "present"
  >
>;

/** Makes a request, and a promise of what is decoded. */
export interface Send {
  <T = void>(
    op: SysOp,
    registers: Registers,
    terms: Terms,
    decode?: Decode,
  ): Promise<T>;
  /** The terms of a call, for all of its requests. */
  terms(options: object | undefined): Terms;
}

const ENOSYS = -38;

export function sender(engine: () => Submitter): Send {
  const send = <T>(
    op: SysOp,
    registers: Registers,
    terms: Terms,
    decode: Decode = decodeNone,
  ): Promise<T> => {
    const request = new Request(ops[op].code, decode, settle);
    Object.assign(request, registers);
    if (terms.wd !== null && request.fd !== -1 && request.path !== null)
      throw misuseError(
        "ERR_EIO_WD",
        `eio.sys.${op}`,
        "its path starts at the folder that at names",
      );
    return promised<T>(engine(), applyTerms(request, terms));
  };
  const terms = (options: object | undefined): Terms =>
    termsOf(engine(), options);
  return Object.assign(send, { terms });
}

/** ENOSYS of a system that lacks the call is reported as it is. */
function settle(request: Request): void {
  const native = loadNative();
  if (request.result !== ENOSYS || native.addon !== null)
    return settlePromise(request);
  const error = frameless(() => lacking(request, native.reason));
  request.resolve!(Promise.reject(error) as never);
}

function lacking({ op, path, path2 }: Request, reason: string): Error {
  const { syscall } = Object.values(ops).find(({ code }) => code === op)!;
  const error = systemError(ENOSYS, syscall, path, path2);
  error.message += `: it needs the native addon (${reason})`;
  // The stack begins with the message as it was.
  Error.captureStackTrace(error, lacking);
  return error;
}
