// The options that something which lasts (a log, a tail, a watched tree) has for each of its requests. What it does with its signal, and
// that it has no deadline, is its own business.
import type { RequestOptions } from "./request-options.ts";

export type LastingOptions = Pick<
  RequestOptions,
  "priority" | "lane" | "cache"
>;

export const lastingNames = Object.keys({
  priority: true,
  lane: true,
  cache: true,
} satisfies Record<keyof LastingOptions, true>) as (keyof LastingOptions)[];

/** Those that were given, and nothing else. */
export const lastingOptions = (options: LastingOptions): LastingOptions =>
  Object.fromEntries(
    lastingNames
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]]),
  );
