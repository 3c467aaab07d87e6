// custom(): any function of any module, run in the pool, so that code which blocks (a database
// driver, a hash, a parser) stays off the loop. Arguments and result travel as structured clones.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { builtin } from "../util/builtin.ts";
import type { Engine } from "../engine/engine.ts";
import { ops } from "../ops/table.ts";
import { DATA_MAX_BYTES } from "../request/codec.ts";
import { Request } from "../request/request.ts";
import { decodeNone } from "../request/results.ts";
import { misuseError } from "../util/errors.ts";
import type { RequestOptions } from "./request-options.ts";
import { promised, settlePromise } from "./submit.ts";
import { applyTerms, termsOf } from "./terms.ts";

export interface CustomOptions extends RequestOptions {
  /** Which export to call; `default` by default. */
  name?: string | undefined;
}

/** What a worker says of a call that failed. */
interface CustomFailure {
  thrown?: unknown;
  fields?: object;
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
  const { thrown, fields } = failure;
  return thrown instanceof Error ? Object.assign(thrown, fields) : thrown;
}

export async function custom(
  engine: Engine,
  module: string | URL,
  args: readonly unknown[] = [],
  options: CustomOptions = {},
): Promise<unknown> {
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

/** A URL of the module: file URLs and absolute paths as they are, the rest as required from here. */
function locate(module: string | URL): string {
  if (module instanceof URL) return module.href;
  if (/^(file|node|data):/.test(module)) return module;
  if (path.isAbsolute(module)) return pathToFileURL(module).href;
  const found = createRequire(path.resolve("noop.js")).resolve(module);
  return path.isAbsolute(found) ? pathToFileURL(found).href : found;
}
