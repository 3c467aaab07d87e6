// Node's own functions and classes of files, as they were when this was loaded: before anybody (our register door, say)
// put others in their place. It does not know who calls them.
import fs from "node:fs";
import promises from "node:fs/promises";

type AnyFunction = (...args: unknown[]) => unknown;

/**
 * The functions of a module: those that Node loads late are read now, as Node puts them in their place when they are first
 * read. Not its classes, nor `promises`. A Map, as an object of so many names is made anew with each of them.
 */
function functionsOf(module: object): Map<string, AnyFunction> {
  const functions = new Map<string, AnyFunction>();
  for (const name of Object.keys(module)) {
    if (name < "a" || name === "promises") continue;
    functions.set(name, (module as Record<string, AnyFunction>)[name]!);
  }
  return functions;
}

const callbacks = functionsOf(fs);
const promised = functionsOf(promises);

export const nodeCallback = (name: string): AnyFunction | undefined =>
  callbacks.get(name);
export const nodePromised = (name: string): AnyFunction | undefined =>
  promised.get(name);

const streams = {
  ReadStream: Object.getOwnPropertyDescriptor(fs, "ReadStream")!,
  WriteStream: Object.getOwnPropertyDescriptor(fs, "WriteStream")!,
};
/** Node loads its streams when somebody reads one of their classes. */
export const nodeStream = (name: "ReadStream" | "WriteStream"): AnyFunction => {
  const { get, value } = streams[name];
  return (value ?? get!.call(fs)) as AnyFunction;
};
