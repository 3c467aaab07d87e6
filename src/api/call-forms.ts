// The two forms of a call, made from one description: a function that returns a promise and one
// that calls back. A description turns arguments into a request; null means "not taken", and then
// Node's own function is called: it refuses wrong arguments in its own words.
import nodeFs from "node:fs";
import nodePromises from "node:fs/promises";
import { hideFrames } from "../request/errors.ts";
import type { Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import { withoutOwnFrames, withRoom } from "../util/own-frames.ts";
import { fromCaller } from "./argument-errors.ts";
import { deniedBy, isDisabled } from "./permissions/guard.ts";
import { model } from "./permissions/model.ts";
import { CallbackScope, type Callback } from "./callbacks/call-in-context.ts";
import { called, promised } from "./submit.ts";
import type { Submitter } from "./submitter.ts";
import { endsCall, type RequestWithTerms } from "./terms.ts";
import { namesFolder } from "./working-directories/start.ts";
import { nodeCallback, nodePromised } from "../util/node-fs.ts";
import { nextTick, setImmediate } from "../util/node-timers.ts";

/**
 * Arguments (without a callback) to a request under the terms of the call, once they are known to be
 * right; throws only what Node has no words for.
 */
export type Prepare = (
  args: unknown[],
  engine: () => Submitter,
) => RequestWithTerms | null;

/**
 * What the permission model denies is Node's to refuse: it throws, calls back or rejects as its release
 * does. Where Node cannot be called, or does not deny it after all, this changes nothing.
 */
export function permitted(prepare: Prepare): Prepare {
  if (model === undefined) return prepare;
  return (args, engine) => {
    const request = prepare(args, engine);
    return request !== null && mayCallNode(args) && isNodes(request)
      ? null
      : request;
  };
}

export const isNodes = (request: Request): boolean =>
  model !== undefined && (isDisabled(request) || deniedBy(request) !== null);

export type AnyFunction = (...args: unknown[]) => unknown;

/** A function that is made when it is first called: what it takes is loaded then, and not before. */
export function madeLate(make: () => AnyFunction): AnyFunction {
  let made: AnyFunction | undefined;
  return (...args) => (made ??= make())(...args);
}

/** Whether a call is under way whose paths mean nothing to Node. */
let nodeExcluded = false;

/**
 * Functions whose paths start in a folder that Node knows nothing of: what ours do not take, Node's
 * are not to do elsewhere.
 */
export function withoutNode<F extends AnyFunction>(
  functions: Record<string, F>,
): Record<string, F> {
  const guarded: Record<string, F> = {};
  for (const [name, run] of Object.entries(functions))
    guarded[name] = isCall(run) ? guard(name, run) : run;
  return guarded;
}

const isCall = (value: unknown): value is AnyFunction =>
  typeof value === "function" && !/^(?:[A-Z]|create)/.test(value.name);

function guard<F extends AnyFunction>(name: string, run: F): F {
  const form = {
    [name](...args: unknown[]): unknown {
      const before = nodeExcluded;
      nodeExcluded = true;
      try {
        return run(...args);
      } finally {
        nodeExcluded = before;
      }
    },
  };
  const guarded = form[name]! as unknown as F & { native?: F };
  const { native } = run as { native?: F };
  if (native !== undefined) guarded.native = guard("native", native);
  return guarded;
}

export const mayCallNode = (args: unknown[]): boolean =>
  !nodeExcluded && !args.some(namesFolder);

export function refuseFolders(name: string, args: unknown[]): void {
  if (!mayCallNode(args))
    throw misuseError(
      "ERR_EIO_WD",
      name,
      "only Node's own function takes these arguments, and it starts from the folder of the process",
    );
}

export function callNodePromise(name: string, args: unknown[]): unknown {
  refuseFolders(name, args);
  const own = nodePromised(name);
  if (own !== undefined) return callNode(() => own.apply(nodePromises, args));
  throw new TypeError(`fs.promises.${name} is not a function`);
}

/** What Node refuses shows its own frames, and its caller's. */
export function callNode(call: () => unknown): unknown {
  try {
    const result = withRoom(call);
    return result instanceof Promise
      ? result.catch((error: unknown) => {
          throw withoutOwnFrames(error);
        })
      : result;
  } catch (error) {
    throw withoutOwnFrames(error);
  }
}

export function callNodeCallback(name: string, args: unknown[]): unknown {
  refuseFolders(name, args);
  return callNode(() => nodeCallback(name)!.apply(nodeFs, args));
}

/**
 * Not an async function: one costs 400 bytes for each request that waits, and an error's stack
 * shows the call all the same (see rejectLate).
 */
export function promiseForm(
  name: string,
  make: Prepare,
  engine: () => Submitter,
): AnyFunction {
  const prepare = permitted(make);
  const form = {
    [name](...args: unknown[]): unknown {
      try {
        const request = prepare(args, engine);
        if (request === null) return callNodePromise(name, args);
        request.callName = name;
        return promised(engine(), request);
      } catch (error) {
        return Promise.reject(fromCaller(error, form[name]!) as Error);
      }
    },
  };
  return form[name]!;
}

export function callbackForm(
  name: string,
  make: Prepare,
  engine: () => Submitter,
  valuesOf?: (request: Request) => unknown[],
): AnyFunction {
  const prepare = permitted(make);
  const form = {
    [name](...args: unknown[]): void {
      const callback = args.at(-1);
      try {
        if (typeof callback !== "function")
          return void callNodeCallback(name, args);
        const request = orAborted(callback as Callback, () =>
          prepare(args.slice(0, -1), engine),
        );
        if (request === undefined) return;
        if (request === null) return void callNodeCallback(name, args);
        called(engine(), request, callback as Callback, valuesOf);
      } catch (error) {
        throw fromCaller(error, form[name]!);
      }
    },
  };
  return form[name]!;
}

/** That a call was over before it began is reported to the callback, not thrown. */
export function orAborted<T>(callback: Callback, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!endsCall(error)) throw error;
    nextTick(callback, error as Error);
    return undefined;
  }
}

/**
 * The callback form of a function that returns a promise. What the callback throws is the
 * process's uncaught exception, not a rejection.
 */
export function callbackOf(
  promise: Promise<unknown>,
  callback: Callback,
  valuesOf: (value: unknown) => unknown[] = (value) =>
    value === undefined ? [] : [value],
): void {
  const scope = new CallbackScope();
  // Node's own ticks and microtasks run between two immediates, as between two callbacks.
  const deliver = (error: Error | null, ...values: unknown[]): void => {
    setImmediate(() => scope.end(callback, [error, ...values]));
  };
  promise.then(
    (value) => deliver(null, ...valuesOf(value)),
    (error: unknown) => {
      hideFrames(error);
      deliver(error as Error);
    },
  );
}
