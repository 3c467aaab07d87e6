// libeio's form of one instance: an object with a function for each request, control and groups. It puts
// together; what anything does is elsewhere.
import type { Instance } from "../instance/instance.ts";
import type { EioOptions } from "../instance/options.ts";
import { EioInstance } from "./eio-instance.ts";
import { eioConstants } from "./constants.ts";
import { controlCalls } from "./control.ts";
import type { Declaration } from "./declare.ts";
import { Door } from "./door.ts";
import { groupCalls } from "./groups.ts";
import { requests } from "./requests.ts";
import { readTrailingArguments } from "./trailing-arguments.ts";
import type { EioDoor } from "./types.ts";

type Call = (...args: unknown[]) => unknown;

/** The function of a request: its own arguments, then `pri, cb, data, options`. */
function callOf(door: Door, type: string, declared: Declaration): Call {
  const count = declared.params.length;
  const form = {
    [type](...args: unknown[]): unknown {
      const tail = readTrailingArguments(args, count, door.takePri);
      return declared.start(door, type, args, tail);
    },
  };
  return form[type]!;
}

export interface EioForm {
  door: EioDoor;
  /** Lets go what the door had for itself. */
  close(): Promise<void>;
}

export function eioForm(
  instance: () => Instance,
  options: EioOptions,
): EioForm {
  const behind = new EioInstance(instance, options);
  const door = new Door(() => behind.instance.engine);
  const calls: Record<string, Call> = {};
  for (const [type, declared] of Object.entries(requests))
    calls[type] = callOf(door, type, declared);
  const api = {
    ...calls,
    ...controlCalls(door, behind),
    ...groupCalls(door),
    constants: eioConstants,
  };
  return { door: api as unknown as EioDoor, close: () => behind.close() };
}
