// fs.cp: in one hop, but where there is a filter to call. A function cannot go to a worker, so then
// the same steps are taken from here, each by a request of its own; and where the page cache is to be left alone.
import type { Submitter } from "../submitter.ts";
import {
  ONLY_NATIVE,
  copySwitches,
  type CopyOptions,
} from "../../ops/copy-steps.ts";
import { ops } from "../../ops/table.ts";
import { outward } from "../../request/errors.ts";
import { Request } from "../../request/request.ts";
import { decodeCount, decodeNone } from "../../request/results.ts";
import { acceptPath } from "../arguments.ts";
import {
  callNodePromise,
  callNodeCallback,
  callbackOf,
  mayCallNode,
  orAborted,
  type AnyFunction,
} from "../call-forms.ts";
import { deniedAnywhere, model } from "../permissions/model.ts";
import type { Callback } from "../callbacks/call-in-context.ts";
import { promised, settlePromise } from "../submit.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";
import { copyByRequests, type Filter } from "./cp-filtered.ts";

const MODE_MAX = 7;

const defaults = {
  dereference: false,
  errorOnExist: false,
  force: true,
  preserveTimestamps: false,
  recursive: false,
  verbatimSymlinks: false,
};
const switches = Object.keys(defaults) as (keyof typeof defaults)[];

interface Copy {
  src: string;
  dest: string;
  options: CopyOptions;
  filter: Filter | undefined;
}

/** null: for Node to refuse, or to warn of (times on 32 bits). */
export function acceptCopy([from, to, given]: unknown[]): Copy | null {
  const src = acceptPath(from);
  const dest = acceptPath(to);
  if (typeof src !== "string" || typeof dest !== "string") return null;
  if (given === null || Array.isArray(given)) return null;
  if (given !== undefined && typeof given !== "object") return null;
  const chosen = { ...defaults, ...given } as typeof defaults & {
    mode?: number | null;
    filter?: Filter;
  };
  if (switches.some((name) => typeof chosen[name] !== "boolean")) return null;
  const { dereference, verbatimSymlinks, filter, preserveTimestamps } = chosen;
  const mode = chosen.mode ?? 0;
  if (!Number.isInteger(mode) || mode < 0 || mode > MODE_MAX) return null;
  if (dereference && verbatimSymlinks) return null;
  if (preserveTimestamps && process.arch === "ia32") return null;
  if (filter !== undefined && typeof filter !== "function") return null;
  const { errorOnExist, force, recursive } = chosen;
  const options: CopyOptions = {
    dereference,
    errorOnExist,
    force,
    mode,
    preserveTimestamps,
    recursive,
    verbatimSymlinks,
    filtered: filter !== undefined,
  };
  return { src, dest, options, filter };
}

/** What the permission model allows in part is for Node's own, or done step by step where it cannot be. */
const wholly = (): boolean =>
  model === undefined || deniedAnywhere("cp", "read", "write") === null;
const acceptable = (args: unknown[]): Copy | null =>
  !wholly() && mayCallNode(args) ? null : acceptCopy(args);
export const all: Filter = () => true;

function copy(
  engine: Submitter,
  { src, dest, options, filter }: Copy,
  terms: Terms,
): Promise<void> {
  const byRequests = (): Promise<void> =>
    copyByRequests(engine, src, dest, options, filter ?? all, terms);
  if (filter !== undefined || !wholly()) return byRequests();
  // A worker would copy by Node's functions, which leave everything in the page cache; each request of ours is native.
  const onlyNative = terms.dropsCache;
  const decode = onlyNative ? decodeCount : decodeNone;
  const request = new Request(ops.cptree.code, decode, settlePromise);
  request.path = src;
  request.path2 = dest;
  request.a = copySwitches(options) | (onlyNative ? ONLY_NATIVE : 0);
  request.b = options.mode;
  const copying = promised<void | 0 | 1>(engine, applyTerms(request, terms));
  return onlyNative
    ? copying.then((left) => (left === 1 ? byRequests() : undefined))
    : (copying as Promise<void>);
}

export function cpForms(engine: () => Submitter): {
  promised: AnyFunction;
  called: AnyFunction;
} {
  const promises = {
    async cp(...args: unknown[]): Promise<unknown> {
      const taken = acceptable(args);
      return taken === null
        ? callNodePromise("cp", args)
        : outward(copy(engine(), taken, termsOf(engine(), args[2])));
    },
  };
  const callbacks = {
    cp(...args: unknown[]): void {
      const callback = args.at(-1);
      const given = args.slice(0, -1);
      const taken = typeof callback === "function" ? acceptable(given) : null;
      if (taken === null) return void callNodeCallback("cp", args);
      const copying = orAborted(callback as Callback, () =>
        copy(engine(), taken, termsOf(engine(), given[2])),
      );
      // Node's gives its callback an undefined value here, and nowhere else.
      if (copying !== undefined)
        callbackOf(copying, callback as Callback, () => [undefined]);
    },
  };
  return { promised: promises.cp, called: callbacks.cp };
}
