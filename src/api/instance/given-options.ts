// Whether any option is given, in the environment or to createEio: only then what reads and checks them is loaded. It knows none
// of them.
import { defaultOptions, type ReadOptions } from "./default-options.ts";
import { isOption } from "./environment.ts";
import { optionsOf, readOptions, type EioOptions } from "./options.ts";

/** Throws on a wrong one. */
export const optionsFrom = (given: EioOptions): ReadOptions =>
  isEmpty(given) ? defaultOptions() : readOptions(given);

/** What the environment says of the shared instance. */
export function optionsFromEnvironment(): EioOptions {
  const given = Object.keys(process.env).filter(isOption);
  return given.length === 0 ? {} : optionsOf(given);
}

function isEmpty(given: object): boolean {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return false;
  for (const _name in given) return false;
  return true;
}
