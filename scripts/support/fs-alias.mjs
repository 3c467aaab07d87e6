// A preload that gives a program our callback door for every require() and import of node:fs, and our promises for those
// of node:fs/promises. It does not know the program; what is ours, and what that is built on, keeps Node's.
import Module, { createRequire, register } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url).href;
const HOOKS = "?hooks";
const doors = { fs: "fs", "fs/promises": "promises" };
const own = ["dist/", "node_modules/"].map((name) => root + name);

function doorFor(specifier, parent) {
  if (own.some((place) => parent?.startsWith(place))) return undefined;
  return doors[specifier.replace(/^node:/, "")];
}

/** For import: on the program's own thread, or on that of the loader's hooks. */
export function resolve(specifier, context, next) {
  const required = context.conditions.includes("require");
  const door = required ? undefined : doorFor(specifier, context.parentURL);
  if (door === undefined) return next(specifier, context);
  const url = new URL(`dist/${door}.js`, root).href;
  return { url, format: "module", shortCircuit: true };
}

/** For require(). */
function aliasRequired() {
  const require = createRequire(import.meta.url);
  const load = Module._load;
  Module._load = function (request, parent, isMain) {
    const door = doorFor(request, `file://${parent?.filename}`);
    return door === undefined
      ? Reflect.apply(load, this, [request, parent, isMain])
      : require(fileURLToPath(new URL(`dist/${door}.cjs`, root)));
  };
}

if (!import.meta.url.endsWith(HOOKS)) {
  aliasRequired();
  if (Module.registerHooks) Module.registerHooks({ resolve });
  else register(import.meta.url + HOOKS);
}
