// custom(): any function of any module, run in the pool, so that code which blocks (a database
// driver, a hash, a parser) stays off the loop. Arguments and result travel as structured clones.
import { builtin } from "../util/builtin.ts";
import type { Engine } from "../engine/engine.ts";
import { ops } from "../ops/table.ts";
import { DATA_MAX_BYTES } from "../request/codec.ts";
import { Request } from "../request/request.ts";
import type { Sent } from "../request/executor-messages.ts";
import { decodeNone } from "../request/results.ts";
import { misuseError } from "../util/errors.ts";
import type {
  AnyFunction,
  GivenTo,
  ResultOf,
} from "./executor/module-types.ts";
import { received } from "./executor/received-error.ts";
import { checkArray } from "./argument-errors.ts";
import { locate } from "./locate.ts";
import { ownOptions } from "./misspelt.ts";
import type { RequestOptions } from "./request-options.ts";
import { promised, settlePromise } from "./submit.ts";
import { applyTerms, termsOf } from "./terms.ts";

export interface CustomOptions extends RequestOptions {
  /** Which export to call; `default` by default. */
  name?: string | undefined;
}

const checkOptions = ownOptions<CustomOptions>({ name: true });

/** The function's type says what it takes and what arrives of its result; without it that is unknown. */
export interface Custom {
  (
    module: string | URL,
    args?: readonly unknown[],
    options?: CustomOptions,
  ): Promise<unknown>;
  <F extends AnyFunction>(
    module: string | URL,
    ...given: GivenTo<F, CustomOptions>
  ): Promise<ResultOf<F>>;
}

/** What a worker says of a call that failed. */
interface CustomFailure {
  thrown?: Sent;
  notFunction?: boolean;
}

/** A call as it travels. */
export interface CustomCall {
  /** A URL. */
  module: string;
  name: string;
  bytes: Uint8Array;
}

export function prepareCustom(
  module: string | URL,
  name: string,
  args: readonly unknown[],
): CustomCall {
  checkArray("args", args);
  const call = { module: locate(module), name, args: [...args] };
  return { module: call.module, name, bytes: encodeCall(call) };
}

/** What a failed call threw; undefined where it was not the call that failed. */
export function thrownBy(
  { reason }: Request,
  { module, name }: CustomCall,
): unknown {
  const failure = (reason ?? {}) as CustomFailure;
  if (failure.notFunction) return misuseError("ERR_EIO_CUSTOM", module, name);
  return failure.thrown && received(failure.thrown);
}

/**
 * Runs a function of a module in the pool: one call, on any worker, for a hash, a parser, a query without a connection to keep. Not for
 * transactions, prepared statements or anything that several calls share (each may run on another worker), arguments above 1 MiB, results
 * item by item, or functions that take so long that files have to wait for them: those are for `executor()`.
 */
export async function custom(
  engine: Engine,
  module: string | URL,
  args: readonly unknown[] = [],
  options: CustomOptions = {},
): Promise<unknown> {
  checkOptions(options);
  const call = prepareCustom(module, options.name ?? "default", args);
  const request = new Request(ops.custom.code, decodeNone, (settled) => {
    const thrown = settled.result < 0 ? thrownBy(settled, call) : undefined;
    if (thrown === undefined) settlePromise(settled);
    else settled.resolve!(Promise.reject(thrown as Error) as never);
  });
  request.data = call.bytes;
  const terms = termsOf(engine, options);
  return promised(engine, applyTerms(request, terms));
}

function encodeCall(call: object): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = builtin("node:v8").serialize(call);
  } catch (error) {
    throw misuseError(
      "ERR_EIO_UNCLONEABLE",
      "An argument of custom()",
      (error as Error).message,
    );
  }
  if (bytes.byteLength > DATA_MAX_BYTES)
    throw misuseError(
      "ERR_EIO_TOO_LARGE",
      "A call of custom()",
      bytes.byteLength,
      DATA_MAX_BYTES,
    );
  return bytes;
}
