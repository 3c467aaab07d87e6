// The outside of our functions: names and numbers of arguments as Node's own show them, whatever
// they are inside (a bundler renames, and what takes any arguments counts none).

type Described = Record<string, unknown>;

/** Makes each function of `api` look like Node's of that name; adds what Node has and does not list. */
export function shapeLike<A extends object>(api: A, node: object): A {
  for (const name of Object.getOwnPropertyNames(node)) {
    const descriptor = Object.getOwnPropertyDescriptor(node, name)!;
    if (!Object.hasOwn(api, name)) {
      Object.defineProperty(api, name, descriptor);
      continue;
    }
    const ours = (api as Described)[name];
    const theirs = descriptor.value as unknown;
    if (typeof ours !== "function" || typeof theirs !== "function") continue;
    if (ours === theirs) continue;
    for (const property of ["name", "length"] as const)
      Object.defineProperty(ours, property, {
        configurable: true,
        value: theirs[property],
      });
  }
  return api;
}
