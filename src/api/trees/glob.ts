// fs.glob in its two forms: an async iterator, and a callback that is given all at once. It does not know how the
// search goes.
import type { Submitter } from "../submitter.ts";
import { callbackOf, type AnyFunction } from "../call-forms.ts";
import { invalidArgType } from "../argument-errors.ts";
import type { Callback } from "../callbacks/call-in-context.ts";
import { termsOf } from "../terms.ts";
import { GlobSearch, type Found } from "./glob-search.ts";
import { readGlobOptions } from "./glob-options.ts";
import { GlobFiles } from "./glob-files.ts";

export function globForms(engine: () => Submitter): {
  promised: AnyFunction;
  called: AnyFunction;
} {
  const search = (pattern: unknown, options: unknown): AsyncIterable<Found> => {
    const files = new GlobFiles(engine(), termsOf(engine(), options));
    const read = readGlobOptions(pattern, options, files.root);
    return new GlobSearch(read, files).run();
  };
  const promises = {
    async *glob(pattern: unknown, options?: unknown): AsyncGenerator<Found> {
      yield* search(pattern, options);
    },
  };
  const callbacks = {
    glob(pattern: unknown, second: unknown, third: unknown): void {
      const [options, callback] =
        typeof second === "function" ? [undefined, second] : [second, third];
      if (typeof callback !== "function")
        throw invalidArgType("cb", "of type function", callback);
      const all = async (): Promise<Found[]> => {
        const found: Found[] = [];
        for await (const one of search(pattern, options)) found.push(one);
        return found;
      };
      callbackOf(all(), callback as Callback);
    },
  };
  return {
    promised: promises.glob as AnyFunction,
    called: callbacks.glob as AnyFunction,
  };
}
