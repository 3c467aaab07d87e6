// An optional package of the application, which a door works with and does not bring along. It does not know what
// the doors make of it.
import { createRequire } from "node:module";
import { notInstalled } from "node-eio/internal";

/** What a program that requires it gets; the error says what to install. */
export function peer(name: string, door: string): unknown {
  const require = createRequire(import.meta.url);
  try {
    return require(name);
  } catch (error) {
    throw notInstalled(
      `@node-eio/live/${door}`,
      name,
      error,
      "needs a package of the application's",
    );
  }
}
