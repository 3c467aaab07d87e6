// The options of the shared instance from the environment: NODE_EIO_MAX_PARALLEL=16 is maxParallel.
// What they mean and which values are right is not known here.
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";
import { nearestName } from "../../util/nearest-name.ts";

const PREFIX = "NODE_EIO_";

/** `maxPollTimeMs` as NODE_EIO_MAX_POLL_TIME_MS. */
export const variableOf = (option: string): string =>
  PREFIX + option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Which are read elsewhere. */
const OTHERS = ["BACKEND", "NATIVE", "SUMMARY"].map((name) => PREFIX + name);

/** It may be that of an option. */
export const isOption = (variable: string): boolean =>
  variable.toUpperCase().startsWith(PREFIX) && !OTHERS.includes(variable);

/** Warns of each variable that is likely to mean one of an option; others may be somebody else's. */
export function reportUnknown(
  given: readonly string[],
  options: readonly string[],
): void {
  const known = [...options.map(variableOf), ...OTHERS];
  const names = known.map((name) => name.slice(PREFIX.length));
  for (const variable of given) {
    if (known.includes(variable)) continue;
    const near = nearestName(variable.slice(PREFIX.length), names);
    if (near !== undefined)
      process.emitWarning(
        `The variable ${variable} is ignored; did you mean ${PREFIX}${near}?`,
        { code: "EIO_OPTION" },
      );
  }
}

/** Of each option that is a number, and is set: the number. An empty variable is one not set. */
export function numbersFromEnvironment(
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) {
    const text = env[variableOf(name)];
    if (text === undefined || text.trim() === "") continue;
    const number = Number(text);
    if (Number.isNaN(number))
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        variableOf(name),
        "a number",
        inspect(text),
      );
    found[name] = number;
  }
  return found;
}

/** The same of a switch: 1, true, 0 or false. */
export function switchFromEnvironment(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): boolean | undefined {
  const text = env[variableOf(name)]?.trim().toLowerCase();
  if (text === undefined || text === "") return undefined;
  if (text === "1" || text === "true") return true;
  if (text === "0" || text === "false") return false;
  throw misuseError(
    "ERR_EIO_INVALID_OPTION",
    variableOf(name),
    "1, true, 0 or false",
    inspect(text),
  );
}
