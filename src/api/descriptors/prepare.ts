// The calls on a descriptor that are one system call and move no data: what they take after the
// descriptor. Used by handles (promises) and by the functions that call back.
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { acceptId, acceptMode, acceptTime, isObject } from "../arguments.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { decodeStats } from "../files/stats.ts";
import { applyTerms, termsOf } from "../terms.ts";

const length = (value: unknown): number =>
  value === undefined
    ? 0
    : Number.isSafeInteger(value)
      ? Math.max(0, value as number)
      : NaN;

const mode = (value: unknown): number => acceptMode(value, NaN);

const withNumbers =
  (code: number, accepts: ((value: unknown) => number)[]): Prepare =>
  (args, engine) => {
    const request = new Request(code, decodeNone, settlePromise);
    const numbers = accepts.map((accept, i) => accept(args[i]));
    if (numbers.some(Number.isNaN)) return null;
    request.a = numbers[0] ?? 0;
    request.b = numbers[1] ?? 0;
    return applyTerms(request, termsOf(engine(), args[accepts.length]));
  };

export const prepares = {
  fstat: ([options], engine) => {
    const request = new Request(ops.fstat.code, decodeStats, settlePromise);
    if (options !== undefined) {
      if (!isObject(options)) return null;
      if ((options as { bigint?: unknown }).bigint === true) request.a = 1;
    }
    return applyTerms(request, termsOf(engine(), options));
  },
  ftruncate: withNumbers(ops.ftruncate.code, [length]),
  fsync: withNumbers(ops.fsync.code, []),
  fdatasync: withNumbers(ops.fdatasync.code, []),
  fchmod: withNumbers(ops.fchmod.code, [mode]),
  fchown: withNumbers(ops.fchown.code, [acceptId, acceptId]),
  futimes: withNumbers(ops.futimes.code, [acceptTime, acceptTime]),
} satisfies Record<string, Prepare>;

export type PlainCall = keyof typeof prepares;
