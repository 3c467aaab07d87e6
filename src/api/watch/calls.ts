// watchFile and unwatchFile: one watcher for each file, whoever listens. They know which files are watched, and leave
// arguments that are not right to Node's own functions.
import path from "node:path";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { acceptPath, acceptUint32 } from "../arguments.ts";
import { callNodeCallback, isNodes, type AnyFunction } from "../call-forms.ts";
import { StatWatcher } from "./stat-watcher.ts";

/** Node's. */
const INTERVAL_MS = 5007;

type Listener = (...args: unknown[]) => void;

interface Options {
  persistent?: unknown;
  interval?: unknown;
  bigint?: unknown;
}

/** null: not taken, or not allowed. */
function acceptFile(filename: unknown): string | null {
  const file = acceptPath(filename);
  if (typeof file !== "string") return null;
  const request = new Request(ops.stat.code, decodeNone, () => {});
  request.path = path.resolve(file);
  return isNodes(request) ? null : request.path;
}

export function watchCalls(
  engine: () => Submitter,
): Record<string, AnyFunction> {
  const watchers = new Map<string, StatWatcher>();

  function watchFile(...args: unknown[]): unknown {
    const given = typeof args[1] === "object" && args[1] !== null;
    const listener = given ? args[2] : args[1];
    const options: Options = {
      interval: INTERVAL_MS,
      persistent: true,
      ...(given ? (args[1] as Options) : {}),
    };
    const file = acceptFile(args[0]);
    const intervalMs = acceptUint32(options.interval);
    if (file === null || typeof listener !== "function")
      return callNodeCallback("watchFile", args);
    let watcher = watchers.get(file);
    if (watcher !== undefined) watcher.share();
    else if (Number.isNaN(intervalMs))
      return callNodeCallback("watchFile", args);
    else {
      const { persistent, bigint } = options;
      watcher = new StatWatcher(engine(), file, {
        persistent,
        intervalMs,
        bigint,
      });
      watchers.set(file, watcher);
    }
    return watcher.addListener("change", listener as Listener);
  }

  function unwatchFile(...args: unknown[]): void {
    const [filename, listener] = args;
    const file = acceptPath(filename);
    const resolved = typeof file === "string" ? path.resolve(file) : null;
    const watcher = resolved === null ? undefined : watchers.get(resolved);
    // What was watched before ours stood in the place of Node's is Node's to stop.
    if (watcher === undefined)
      return void callNodeCallback("unwatchFile", args);
    if (typeof listener === "function") {
      const before = watcher.listenerCount("change");
      watcher.removeListener("change", listener as Listener);
      if (watcher.listenerCount("change") < before) watcher.leave("one");
    } else {
      watcher.removeAllListeners("change");
      watcher.leave("all");
    }
    if (watcher.listenerCount("change") !== 0) return;
    watcher.stop();
    watchers.delete(resolved!);
  }

  return { watchFile, unwatchFile: unwatchFile as AnyFunction };
}
