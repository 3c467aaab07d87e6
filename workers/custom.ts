// Any function of any module, run in the pool. The call travels as a structured clone; its value
// or its exception comes back as a message.
import { deserialize } from "node:v8";
import { MOVED, type Frame } from "./frame.ts";
import { sent } from "./sent-error.ts";

/** What this file is called in stacks. */
const OWN_FRAME = "worker.cjs";

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
      // In a bundle of an application it is the running Node that imports.
      loading = import(
        /* webpackIgnore: true */ /* @vite-ignore */ module
      ) as Promise<Record<string, unknown>>;
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
    f.post({ result: -1, error: { thrown: sent(error, OWN_FRAME) } });
  }
  return MOVED;
}
