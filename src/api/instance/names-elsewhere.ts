// Names that are right elsewhere: those of a call's options, and those that other pools have for ours. An instance that is
// given one says where it belongs, or what it is called here. It does not know what any of them does.
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";
import { nearestName } from "../../util/nearest-name.ts";
import { callOptionNames, nearestOption } from "../misspelt.ts";

/** Piscina's, tinypool's, p-limit's, workerpool's. */
const ours: Record<string, string> = {
  threads: "maxParallel",
  maxThreads: "maxParallel",
  workers: "maxParallel",
  maxWorkers: "maxParallel",
  concurrency: "maxParallel",
  poolSize: "maxParallel",
  minThreads: "minParallel",
  minWorkers: "minParallel",
  idleTimeout: "idleTimeoutMs",
};

/** Throws for them; others are somebody else's business. */
export function refuseElsewhere(
  options: object,
  known: readonly string[],
): void {
  for (const [name, value] of Object.entries(options)) {
    if (known.includes(name)) continue;
    const instead = inPlaceOf(name, known);
    if (instead === undefined) continue;
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      name,
      { instead },
      inspect(value),
    );
  }
}

function inPlaceOf(name: string, known: readonly string[]): string | undefined {
  if (Object.hasOwn(ours, name)) return `did you mean "${ours[name]}"?`;
  if (nearestName(name, known) !== undefined) return undefined;
  const near = callOptionNames.includes(name) ? name : nearestOption(name);
  if (near === undefined) return undefined;
  const which = near === name ? "it" : `"${near}"`;
  return `${which} is an option of each call, not of an instance.`;
}
