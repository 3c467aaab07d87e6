// The options that every call takes beyond Node's: signal, timeout, priority, lane.
import { AbortError } from "../request/errors.ts";
import {
  PRIORITY_MAX,
  PRIORITY_MIN,
  type Request,
} from "../request/request.ts";
import { invalidArgType, outOfRange } from "./argument-errors.ts";
import { applyFolders, namesFolder, type HasStart } from "./wd/start.ts";

export interface RequestOptions {
  /** Ends the request: its promise is rejected with an AbortError at once, wherever it is. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the request is given up: ETIMEDOUT. */
  timeout?: number | undefined;
  /** -4 (last) to 4 (first); 0 untold. */
  priority?: number | undefined;
  /** Where relative paths start: a working directory of eio.wd(). */
  wd?: HasStart | null | undefined;
  /** Where the second path of rename, link, copyFile and cp starts; as wd untold, null is nowhere. */
  destWd?: HasStart | null | undefined;
  /** A lane of this instance; untold that of the descriptor or the file system, or `default`. */
  lane?: string | undefined;
}

/** Checks and applies them; throws what a promise is to be rejected with. */
export function applyOptions(request: Request, options: unknown): void {
  if (options === null || typeof options !== "object") return;
  const { signal, timeout, priority, lane } = options as RequestOptions;
  if (lane !== undefined) {
    if (typeof lane !== "string")
      throw invalidArgType("options.lane", "of type string", lane);
    request.laneName = lane;
  }
  if (priority !== undefined) {
    request.level = checkPriority(priority) - PRIORITY_MIN;
    request.levelTold = true;
  }
  if (namesFolder(options)) applyFolders(request, options);
  if (signal === undefined && timeout === undefined) return;
  if (signal !== undefined) checkSignal(signal);
  if (timeout !== undefined) checkTimeout(timeout);
  request.ends = { signal, timeout };
}

export function checkSignal(signal: unknown): asserts signal is AbortSignal {
  if (typeof signal !== "object" || signal === null || !("aborted" in signal))
    throw invalidArgType(
      "options.signal",
      "an instance of AbortSignal",
      signal,
    );
  if ((signal as AbortSignal).aborted)
    throw new AbortError((signal as AbortSignal).reason);
}

function checkTimeout(timeout: unknown): void {
  if (typeof timeout !== "number")
    throw invalidArgType("options.timeout", "of type number", timeout);
  if (!(timeout >= 0 && timeout <= 0x7fffffff))
    throw outOfRange("options.timeout", ">= 0 && <= 2147483647", timeout);
}

function checkPriority(priority: unknown): number {
  if (typeof priority !== "number")
    throw invalidArgType("options.priority", "of type number", priority);
  if (
    !Number.isInteger(priority) ||
    priority < PRIORITY_MIN ||
    priority > PRIORITY_MAX
  )
    throw outOfRange(
      "options.priority",
      `an integer >= ${PRIORITY_MIN} && <= ${PRIORITY_MAX}`,
      priority,
    );
  return priority;
}
