// What is behind a request's own arguments: `pri, cb, data`, as libeio has it, and options. Each may be
// left out; a function in the place of `pri` is the callback.
import { PRIORITY_MAX, PRIORITY_MIN } from "../../request/request.ts";
import { invalidArgType } from "../argument-errors.ts";
import { NO_TERMS, readTerms, type Terms } from "../terms.ts";
import type { EioRequestOptions, Tail } from "./request.ts";

/** Priorities beyond the ends are the ends, as in libeio. */
export function priorityOf(name: string, pri: unknown): number {
  if (typeof pri !== "number" || Number.isNaN(pri))
    throw invalidArgType(name, "of type number", pri);
  return Math.trunc(Math.max(PRIORITY_MIN, Math.min(PRIORITY_MAX, pri)));
}

/** `next` is the priority of a request that gives none. */
export function readTrailingArguments(
  args: readonly unknown[],
  at: number,
  next: () => number,
): Tail {
  const fallback = next();
  const short = typeof args[at] === "function";
  const pri = short ? undefined : args[at];
  const cbAt = short ? at : at + 1;
  const cb = args[cbAt];
  const data = args[cbAt + 1];
  const options = args[cbAt + 2];
  if (cb !== undefined && cb !== null && typeof cb !== "function")
    throw invalidArgType("cb", "of type function", cb);
  if (options !== undefined && options !== null && typeof options !== "object")
    throw invalidArgType("options", "of type object", options);
  const given = (options ?? NO_OPTIONS) as EioRequestOptions;
  return {
    terms: given === NO_OPTIONS ? NO_TERMS : termsIn(given),
    pri: pri === undefined || pri === null ? fallback : priorityOf("pri", pri),
    finish: (cb ?? null) as Tail["finish"],
    data,
    options: given,
  };
}

const NO_OPTIONS: EioRequestOptions = Object.freeze({});

/** The priority is in front; a folder of libeio's may be none, and is put into requests by operands.ts. */
const termsIn = (options: EioRequestOptions): Terms =>
  readTerms({ ...options, priority: undefined, wd: undefined }, NO_TERMS);
