// Any function of any module, run in the pool. The call travels as a structured clone; its value
// or its exception comes back as a message.
import { isNativeError } from "node:util/types";
import { deserialize } from "node:v8";
import { MOVED, type Frame } from "./frame.ts";

interface Call {
  module: string;
  name: string;
  args: unknown[];
}

const modules = new Map<string, Promise<Record<string, unknown>>>();

export async function callCustom(f: Frame): Promise<number> {
  const { module, name, args } = deserialize(f.data) as Call;
  try {
    let loading = modules.get(module);
    if (loading === undefined) {
      loading = import(module) as Promise<Record<string, unknown>>;
      modules.set(module, loading);
      loading.catch(() => modules.delete(module));
    }
    const loaded = await loading;
    const fn =
      loaded[name] ??
      (loaded["default"] as Record<string, unknown> | undefined)?.[name];
    if (typeof fn !== "function") {
      f.post({ result: -1, error: { notFunction: true } });
      return MOVED;
    }
    const value: unknown = await (fn as (...args: unknown[]) => unknown)(
      ...args,
    );
    f.post({ result: 0, value });
  } catch (error) {
    postError(f, error);
  }
  return MOVED;
}

/** A structured clone of an error keeps message and stack only; its own fields go beside it. */
function postError(f: Frame, error: unknown): void {
  const { name, message, code } = Object(error) as NodeJS.ErrnoException;
  const own = isNativeError(error) ? { ...error } : {};
  try {
    const thrown = error instanceof DOMException ? new Error(message) : error;
    f.post({ result: -1, error: { thrown, fields: { ...own, name } } });
  } catch {
    const fields = { name, code };
    f.post({ result: -1, error: { thrown: new Error(message), fields } });
  }
}
