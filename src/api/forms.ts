// The two forms of a call, made from one description: a function that answers a promise and one
// that calls back. A description turns arguments into a request; null means "not taken", and then
// Node's own function is called: it refuses wrong arguments in its own words.
import nodeFs from "node:fs";
import nodePromises from "node:fs/promises";
import type { Engine } from "../engine/engine.ts";
import { promised, called, type Callback } from "./run.ts";
import type { Request } from "../request/request.ts";

/** Arguments (without a callback) to a request; throws only what Node has no words for. */
export type Prepare = (args: unknown[]) => Request | null;

type AnyFunction = (...args: unknown[]) => unknown;

/** Node's own functions, kept from before anybody (our register door, say) replaces them. */
const nodeCallbacks = { ...nodeFs } as unknown as Record<string, AnyFunction>;
const nodePromised = { ...nodePromises } as unknown as Record<
  string,
  AnyFunction
>;

export function askNode(name: string, args: unknown[]): unknown {
  const own = nodePromised[name];
  if (own !== undefined) return own.apply(nodePromises, args);
  throw new TypeError(`fs.promises.${name} is not a function`);
}

export function askNodeCallback(name: string, args: unknown[]): unknown {
  return nodeCallbacks[name]!.apply(nodeFs, args);
}

export function promiseForm(
  name: string,
  prepare: Prepare,
  engine: () => Engine,
): AnyFunction {
  const form = {
    async [name](...args: unknown[]): Promise<unknown> {
      const request = prepare(args);
      return request === null
        ? await askNode(name, args)
        : await promised(engine(), request);
    },
  };
  return form[name]!;
}

export function callbackForm(
  name: string,
  prepare: Prepare,
  engine: () => Engine,
): AnyFunction {
  const form = {
    [name](...args: unknown[]): void {
      const callback = args.at(-1);
      if (typeof callback !== "function")
        return void askNodeCallback(name, args);
      const request = prepare(args.slice(0, -1));
      if (request === null) return void askNodeCallback(name, args);
      called(engine(), request, callback as Callback);
    },
  };
  return form[name]!;
}
