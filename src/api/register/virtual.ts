// Files that node:vfs keeps in memory, of which the system knows nothing: calls on their paths and descriptors go to
// Node's own functions. It knows how such paths and descriptors look, and no function by name.
import { isBuiltin } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Functions = Record<string, unknown>;

/** No real file can be below a device. */
const ROOT = `/dev/null/vfs`;
const BELOW = ROOT + sep;
/** The descriptors of a process end below it. */
const FIRST_DESCRIPTOR = 2 ** 30;
/** Paths and descriptors are among the first two arguments. */
const PLACES = 2;

function pathOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  if (value instanceof URL && value.protocol === "file:")
    return fileURLToPath(value);
  return undefined;
}

function isVirtual(value: unknown): boolean {
  if (typeof value === "number") return value >= FIRST_DESCRIPTOR;
  const path = pathOf(value);
  return path !== undefined && (path === ROOT || path.startsWith(BELOW));
}

/** Calls theirs for what is virtual, and ours else; so do the functions on it (`native`, what promisify takes). */
function either(ours: AnyFunction, theirs: AnyFunction): AnyFunction {
  const called: AnyFunction = function (...args) {
    const virtual = args.slice(0, PLACES).some(isVirtual);
    return (virtual ? theirs : ours).apply(this, args);
  };
  for (const key of Reflect.ownKeys(ours)) {
    const descriptor = Object.getOwnPropertyDescriptor(ours, key)!;
    const own: unknown = descriptor.value;
    const node: unknown =
      key === promisify.custom ? promisify(theirs) : Reflect.get(theirs, key);
    if (typeof own === "function" && typeof node === "function")
      descriptor.value = either(own as AnyFunction, node as AnyFunction);
    if (key !== "prototype") Object.defineProperty(called, key, descriptor);
  }
  return called;
}

/** The same functions, which leave to Node's what is virtual; where Node has no node:vfs, they themselves. */
export function leaveVirtual<A extends object>(ours: A, nodes: object): A {
  if (!isBuiltin("node:vfs")) return ours;
  const left = { ...ours } as Functions;
  for (const [name, own] of Object.entries(left)) {
    const theirs = (nodes as Functions)[name];
    const isClass = /^[A-Z]/.test(name);
    if (isClass || typeof own !== "function" || typeof theirs !== "function")
      continue;
    if (own !== theirs)
      left[name] = either(own as AnyFunction, theirs as AnyFunction);
  }
  return left as A;
}
