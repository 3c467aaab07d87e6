// Where a module lies that runs on another thread, by what its caller calls it. It does not know what is in it.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { invalidArgType } from "./argument-errors.ts";

/** A URL of the module: file URLs and absolute paths as they are, the rest as required from here. */
export function locate(module: string | URL): string {
  if (module instanceof URL) return module.href;
  if (typeof module !== "string")
    throw invalidArgType("module", expectedOf(module), module);
  if (/^(file|node|data):/.test(module)) return module;
  if (path.isAbsolute(module)) return pathToFileURL(module).href;
  const found = createRequire(path.resolve("noop.js")).resolve(module);
  return path.isAbsolute(found) ? pathToFileURL(found).href : found;
}

const expectedOf = (module: unknown): string =>
  "of type string or an instance of URL" +
  (typeof module === "function"
    ? ": a function cannot be sent to another thread, the name of its module can"
    : "");
