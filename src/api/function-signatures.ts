// The outside of our functions: names and numbers of arguments as Node's own show them, whatever they are inside (a
// bundler renames, and what takes any arguments counts none). It does not know what they do.
import { promisify } from "node:util";

/** Makes each function of `api` look like Node's of that name; adds what Node has and does not list. */
export function matchSignatures<A extends object>(api: A, node: object): A {
  for (const name of Object.getOwnPropertyNames(node)) {
    const descriptor = Object.getOwnPropertyDescriptor(node, name)!;
    if (!Object.hasOwn(api, name)) {
      Object.defineProperty(api, name, descriptor);
      continue;
    }
    // What is loaded when somebody reads it is an accessor, here and there.
    const { value: ours } = Object.getOwnPropertyDescriptor(api, name)!;
    const theirs = descriptor.value as unknown;
    if (typeof ours !== "function" || typeof theirs !== "function") continue;
    if (ours === theirs) continue;
    nameAs(ours, theirs);
    const promised = (ours as Promisable)[promisify.custom];
    if (promised !== undefined) nameAs(promised, promisify(theirs as never));
  }
  return api;
}

interface Promisable {
  [promisify.custom]?: object;
}

type Named = Record<"name" | "length", unknown>;

function nameAs(ours: object, theirs: unknown): void {
  for (const property of ["name", "length"] as const) {
    const value = (theirs as Named)[property];
    // A function with a property of its own in the place of that is one of a kind for V8.
    if ((ours as Named)[property] === value) continue;
    Object.defineProperty(ours, property, { configurable: true, value });
  }
}
