// The functions of a module by their names: its exports, and what they hold, if these are properties of their own. It
// does not call them.
import { hooks, type Hook } from "../src/request/executor-messages.ts";

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
export type Exports = Record<string, unknown>;

/** A function together with what it is a property of. */
export interface Found {
  fn: AnyFunction & { takesSignal?: unknown };
  holder: unknown;
}

export class ModuleFunctions {
  readonly #exports: Exports;
  /** A CommonJS module is the default export. */
  readonly #default: unknown;
  readonly #found = new Map<string, Found>();

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#default = exports["default"];
  }

  hook(name: Hook): AnyFunction | undefined {
    return this.#look(name)?.fn;
  }

  /** By a name as `find` or `users.find`; a text says why there is none. */
  find(name: string): Found | string {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    if ((hooks as readonly string[]).includes(name))
      return "is called by the executor itself";
    const found = this.#look(name);
    if (found === undefined) return "is not a function";
    this.#found.set(name, found);
    return found;
  }

  #look(name: string): Found | undefined {
    const path = name.split(".");
    return lookIn(this.#exports, path) ?? lookIn(this.#default, path);
  }
}

function lookIn(root: unknown, path: readonly string[]): Found | undefined {
  let holder: unknown = undefined;
  let value: unknown = root;
  for (const name of path) {
    if (value === null || value === undefined || !Object.hasOwn(value, name))
      return undefined;
    holder = value;
    value = (value as Exports)[name];
  }
  if (typeof value !== "function") return undefined;
  return {
    fn: value as Found["fn"],
    holder: path.length > 1 ? holder : undefined,
  };
}
