// From a request to a promise, and from a failed request to the error that its caller expects. It does not know what
// the request does, nor who runs it.
import { Aborted, TimedOut } from "../engine/cancel.ts";
import { nameByCode, opByCode } from "../ops/table.ts";
import {
  AbortError,
  errnoOf,
  faultError,
  frameless,
  showCaller,
  systemError,
} from "../request/errors.ts";
import { Special } from "../request/layout.ts";
import type { Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import { asReleaseSays } from "./release-errors.ts";
import { Denied } from "./permissions/model.ts";
import { CallbackScope, type Callback } from "./callbacks/call-in-context.ts";
import type { Submitter } from "./submitter.ts";
import type { RequestWithTerms } from "./terms.ts";

/** The error of a failed request, Node's to the letter where it is one of I/O. */
export function errorOf(request: Request): Error {
  const { reason } = request;
  if (reason instanceof Denied) return reason.error;
  return frameless(() => makeError(request));
}

function makeError(request: Request): Error {
  const { reason, result, fault } = request;
  const { syscall } = opByCode[request.op]!;
  if (reason instanceof Aborted) return new AbortError(reason.cause);
  if (reason instanceof TimedOut)
    return systemError(
      errnoOf("ETIMEDOUT"),
      syscall,
      request.path,
      request.path2,
    );
  if (result === Special.workerLost) {
    const why = reason instanceof Error ? reason.message : "it ended";
    const error = misuseError("ERR_EIO_WORKER_LOST", why);
    return Object.assign(error, {
      cause: reason,
      syscall: nameByCode[request.op],
    });
  }
  if (fault !== null) return faultError(asReleaseSays(request, fault));
  return systemError(result, syscall, request.path, request.path2);
}

/** As the context of a request: that there is no such file is no failure, and the value is undefined. */
export const UNDEFINED_IF_ABSENT = Symbol("undefined if absent");

const isAbsence = ({ context, result, reason }: Request): boolean =>
  context === UNDEFINED_IF_ABSENT &&
  reason === undefined &&
  (result === errnoOf("ENOENT") || result === errnoOf("ENOTDIR"));

/** The usual end of a promise: its value. */
export function settlePromise(request: Request): void {
  if (request.result < 0)
    return isAbsence(request)
      ? request.resolve!(undefined as never)
      : rejectLate(request);
  if (request.present === null) return request.resolve!(request.value as never);
  let value: unknown;
  try {
    value = request.present(request);
  } catch (error) {
    value = Promise.reject(error as Error);
  }
  request.resolve!(value as never);
}

/**
 * Rejects with an error that is made two microtasks later: by then the promise is chained to whoever
 * awaits it, and the error's stack shows the async functions that wait ("at async ..."), with one for the
 * call itself in front, as Node's does. All of that is paid for by failures alone.
 */
export function rejectLate(request: Request): void {
  const { callName } = request;
  const rejection =
    callName === null ? fail(request) : frameOf(callName)(request);
  (request.resolve as (value: unknown) => void)(rejection);
}

const turn = Promise.resolve();

async function fail(request: Request): Promise<never> {
  await turn;
  await turn;
  const error = errorOf(request);
  showCaller(error, fail);
  throw error;
}

type Frame = (request: Request) => Promise<never>;
const frames = new Map<string, Frame>();

/** An async method of the call's name. */
function frameOf(name: string): Frame {
  let frame = frames.get(name);
  if (frame === undefined) {
    const holder = {
      async [name](request: Request): Promise<never> {
        return await fail(request);
      },
    };
    frame = (request) => holder[name]!(request);
    frames.set(name, frame);
  }
  return frame;
}

/** Submits a request and returns a promise of what its `settle` makes of it. */
export function promised<T>(
  engine: Submitter,
  request: RequestWithTerms,
): Promise<T> {
  return new Promise<T>((resolve) => {
    request.resolve = resolve as (value: never) => void;
    engine.submit(request);
  });
}

/**
 * Submits a request whose end calls back, in the async context of the call. What the callback
 * throws is the process's uncaught exception, as with Node's own; the loop goes on.
 */
export function called(
  engine: Submitter,
  request: RequestWithTerms,
  callback: Callback,
  valuesOf: (request: Request) => unknown[] = oneValue,
): void {
  request.calls = true;
  request.settle = callBack;
  // A call that is refused here was none, and nothing settles inside submit().
  engine.submit(request);
  request.scope = new CalledScope(callback, valuesOf);
}

/** Kept by the request: a closure for each call outlives collections of young objects, and what it refers to with it. */
class CalledScope extends CallbackScope {
  readonly callback: Callback;
  readonly valuesOf: (request: Request) => unknown[];

  constructor(callback: Callback, valuesOf: (request: Request) => unknown[]) {
    super();
    this.callback = callback;
    this.valuesOf = valuesOf;
  }
}

function callBack(request: Request): void {
  const scope = request.scope as CalledScope;
  scope.end(scope.callback, valuesOrError(request, scope.valuesOf));
}

function valuesOrError(
  request: Request,
  valuesOf: (request: Request) => unknown[],
): Parameters<Callback> {
  if (request.result < 0)
    return isAbsence(request) ? [null, undefined] : [errorOf(request)];
  try {
    if (request.present !== null) request.value = request.present(request);
    return [null, ...valuesOf(request)];
  } catch (error) {
    return [error as Error];
  }
}

const oneValue = (request: Request): unknown[] =>
  request.value === undefined ? [] : [request.value];
