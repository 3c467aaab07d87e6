// How a callback gets data: the count and, always, what the data was in; and the shape of the same as a promise
// (util.promisify). It does not know which functions they are.
import { promisify } from "node:util";
import type { AnyFunction } from "../call-forms.ts";
import type { Callback } from "./call-in-context.ts";

/** Adds the buffer to a count, and both to an error: (error, 0, buffer). */
export const withBuffer =
  (callback: Callback, what: unknown): Callback =>
  (error, count) =>
    error ? callback(error, 0, what) : callback(null, count, what);

export function promisedAs(form: AnyFunction, ...names: string[]): void {
  const promised = (...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      form(...args, (error: Error | null, ...values: unknown[]) => {
        if (error) return reject(error);
        resolve(Object.fromEntries(names.map((name, i) => [name, values[i]])));
      });
    });
  Object.defineProperty(form, promisify.custom, { value: promised });
}
