// fs.realpath as requests: by the system (native, and what promises give), or link by link in Node's own way (the
// callback form), with its errors. It knows the two ways, and not who chose one.
import nodeFs from "node:fs";
import { resolve } from "node:path";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes } from "../../request/results.ts";
import { acceptPath } from "../arguments.ts";
import { presentName } from "./paths.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import {
  callbackForm,
  orAborted,
  permitted,
  promiseForm,
  refuseFolders,
  type AnyFunction,
  type Prepare,
} from "../call-forms.ts";
import type { Callback } from "../callbacks/call-in-context.ts";
import { called, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { applyTerms, termsOf } from "../terms.ts";

const prepare =
  (
    code: number,
    from: (path: string | Uint8Array) => string | Uint8Array,
  ): Prepare =>
  ([path, options], engine) => {
    const taken = acceptPath(path);
    const wanted = acceptEncoding(options, "utf8");
    if (taken === null || wanted === REFUSED) return null;
    const terms = termsOf(engine(), options);
    const placed = terms.wd !== null;
    const op = placed ? ops.realpath.code : code;
    const request = new Request(op, decodeBytes, settlePromise);
    request.path = placed ? taken : from(taken);
    request.context = wanted;
    request.present = presentName;
    return applyTerms(request, terms);
  };

const realpathNative: Prepare = permitted(
  prepare(ops.realpath.code, (path) => path),
);

/** Begins at the folder that is current now. */
const realpathWalk = prepare(ops.realpathWalk.code, (path) =>
  resolve(typeof path === "string" ? path : Buffer.from(path).toString()),
);

const nodeNative = nodeFs.realpath.native as AnyFunction;

export function realpathForms(engine: () => Submitter): {
  promised: AnyFunction;
  called: AnyFunction;
  native: AnyFunction;
} {
  const native = (...args: unknown[]): void => {
    const callback = args.at(-1);
    const request =
      typeof callback === "function"
        ? orAborted(callback as Callback, () =>
            realpathNative(args.slice(0, -1), engine),
          )
        : null;
    if (request === null) {
      refuseFolders("realpath", args);
      nodeNative(...args);
    } else if (request !== undefined)
      called(engine(), request, callback as Callback);
  };
  return {
    promised: promiseForm("realpath", realpathNative, engine),
    called: callbackForm("realpath", realpathWalk, engine),
    native: native as AnyFunction,
  };
}
