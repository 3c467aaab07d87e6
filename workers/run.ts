// Runs the request in a slot, on the thread that calls it: what an executor throws becomes the slot's
// result. It knows neither how slots come here nor who takes the result.
import { nameByCode } from "../src/ops/table.ts";
import type { FaultDetails } from "../src/request/errors.ts";
import { Special } from "../src/request/layout.ts";
import { execute, type Outcome } from "./execute.ts";
import type { Frame } from "./frame.ts";

const executors = nameByCode.map((name) =>
  name === undefined ? undefined : execute[name],
);

export function run(frame: Frame): Outcome {
  try {
    return executors[frame.op]!(frame);
  } catch (error) {
    return failure(frame, error);
  }
}

/** V8's error, which has no code. */
const NO_MEMORY = "Array buffer allocation failed";

/** Anything else without an errno or a code is a fault of ours and ends this drain. */
export function failure(frame: Frame, thrown: unknown): number {
  const error = thrown as NodeJS.ErrnoException & {
    dest?: string;
    info?: unknown;
    permission?: string;
    resource?: string;
  };
  const { errno, syscall, path, dest, code, name, info } = error;
  if (
    typeof errno === "number" &&
    errno < 0 &&
    typeof syscall === "string" &&
    info === undefined
  ) {
    return frame.fail(errno, {
      errno,
      syscall,
      ...(path === undefined ? {} : { path }),
      ...(dest === undefined ? {} : { dest }),
    });
  }
  if (typeof code !== "string" && error.message !== NO_MEMORY) throw thrown;
  const { message, permission, resource } = error;
  const details = {
    name,
    message,
    code,
    errno,
    syscall,
    path,
    dest,
    info,
    permission,
    resource,
  };
  return frame.fail(Special.fault, details as FaultDetails);
}
