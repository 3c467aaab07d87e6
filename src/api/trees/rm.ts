// fs.rm and fs.rmdir as requests. It knows arguments; what is removed in which order is not known here.
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { acceptPath, acceptUint32 } from "../arguments.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";

const INT_MAX = 0x7fffffff;

interface RmOptions {
  recursive: boolean;
  force: boolean;
  maxRetries: number;
  retryDelay: number;
}

const defaults: RmOptions = {
  recursive: false,
  force: false,
  maxRetries: 0,
  retryDelay: 100,
};

/** null: for Node to refuse. */
function acceptRmOptions(options: unknown): RmOptions | null {
  if (options === undefined) return defaults;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    return null;
  const given = { ...defaults, ...options } as Record<keyof RmOptions, unknown>;
  const { recursive, force, maxRetries, retryDelay } = given;
  const taken =
    typeof recursive === "boolean" &&
    typeof force === "boolean" &&
    !Number.isNaN(acceptUint32(maxRetries)) &&
    acceptUint32(retryDelay) <= INT_MAX;
  return taken ? (given as RmOptions) : null;
}

export const rm: Prepare = ([path, options], engine) => {
  const taken = acceptPath(path);
  const given = acceptRmOptions(options);
  if (taken === null || given === null) return null;
  const request = rmRequest(taken, given);
  return applyTerms(request, termsOf(engine(), options));
};

export function rmRequest(
  path: string | Uint8Array,
  { recursive, force, maxRetries, retryDelay }: RmOptions,
): Request {
  const request = new Request(ops.rmtree.code, decodeNone, settlePromise);
  request.path = path;
  request.a = Number(recursive);
  request.b = Number(force);
  request.c = maxRetries;
  request.d = retryDelay;
  return request;
}

/** The recursive form is deprecated: Node's own warns of it, or refuses it, as its version does. */
export const rmdir: Prepare = ([path, options], engine) => {
  const taken = acceptPath(path);
  const given = acceptRmOptions(options);
  if (taken === null || given === null || given.recursive) return null;
  const request = new Request(ops.rmdir.code, decodeNone, settlePromise);
  request.path = taken;
  return applyTerms(request, termsOf(engine(), options));
};
