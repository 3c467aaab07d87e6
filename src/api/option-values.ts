// Values in objects of options: what is out of its range is an error that says what is allowed and what was given. It knows no option.
import { inspect } from "node:util";
import { misuseError } from "../util/errors.ts";

/** @param want what is allowed, as in "must be a boolean" */
export function checkOption(
  name: string,
  value: unknown,
  right: boolean,
  want: string,
): void {
  if (right) return;
  throw misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(value));
}

/** Of an option that is on or off, or not given. */
export function checkSwitch(name: string, value: unknown): void {
  const right = value === undefined || typeof value === "boolean";
  checkOption(name, value, right, "a boolean");
}

export function checkInteger(
  name: string,
  value: unknown,
  min: number,
  max: number,
): void {
  const right =
    Number.isInteger(value) &&
    (value as number) >= min &&
    (value as number) <= max;
  checkOption(name, value, right, `an integer from ${min} to ${max}`);
}

export function checkOneOf(
  name: string,
  value: unknown,
  known: readonly string[],
): void {
  const right = typeof value === "string" && known.includes(value);
  checkOption(name, value, right, `one of ${known.join(", ")}`);
}
