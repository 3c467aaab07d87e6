// Node's errors for wrong arguments, in its own words, for the calls that Node itself cannot be called to refuse (a
// method of our FileHandle, an option that only we have). It does not know which values are wrong.
import { inspect } from "node:util";
import { withoutOwnFrames, withRoom } from "../util/own-frames.ts";

type Coded = Error & { code: string };

/** Gives an error Node's code, and the code a place in its stack, which shows the frames of the caller. */
export function coded<E extends Error>(error: E, code: string): E & Coded {
  // Node shows the code in the name of the stack, and keeps the name itself clean.
  const { name } = error;
  error.name = `${name} [${code}]`;
  withRoom(() => Error.captureStackTrace(error, coded));
  withoutOwnFrames(error);
  error.name = name;
  delete (error as { name?: string }).name;
  return Object.assign(error, { code });
}

/**
 * An error of wrong arguments that is thrown in a public function, with the frames of whoever called that:
 * its own text stays.
 */
export function fromCaller(
  error: unknown,
  called: (...args: never[]) => unknown,
): unknown {
  const { stack } = error as { stack?: unknown };
  const caller: { stack?: unknown } = {};
  withRoom(() => Error.captureStackTrace(caller, called));
  if (!(error instanceof Error) || typeof stack !== "string") return error;
  const [header] = stack.split(FRAME, 1);
  const frames = String(caller.stack);
  const first = frames.search(FRAME);
  error.stack = `${header}${first === -1 ? "" : frames.slice(first)}`;
  return withoutOwnFrames(error);
}

/** Where the first of the frames begins. */
const FRAME = /\n {4}at /;

function received(value: unknown): string {
  if (value == null) return ` Received ${value as undefined}`;
  if (typeof value === "function") return ` Received function ${value.name}`;
  if (typeof value === "object") {
    const name = (value as { constructor?: { name?: string } }).constructor
      ?.name;
    return name
      ? ` Received an instance of ${name}`
      : ` Received ${inspect(value, { depth: -1 })}`;
  }
  let shown = inspect(value, { colors: false });
  if (shown.length > 28) shown = `${shown.slice(0, 25)}...`;
  return ` Received type ${typeof value} (${shown})`;
}

/** `expected` as Node writes it: "of type number", "an instance of Buffer, TypedArray, or DataView". */
export function invalidArgType(
  name: string,
  expected: string,
  value: unknown,
): TypeError & Coded {
  const what = name.endsWith(" argument")
    ? `The ${name}`
    : `The "${name}" ${name.includes(".") ? "property" : "argument"}`;
  return coded(
    new TypeError(`${what} must be ${expected}.${received(value)}`),
    "ERR_INVALID_ARG_TYPE",
  );
}

export function checkArray(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw invalidArgType(name, "an array", value);
}

export function invalidArgValue(
  name: string,
  value: unknown,
  reason: string,
): TypeError & Coded {
  let shown = inspect(value);
  if (shown.length > 128) shown = `${shown.slice(0, 128)}...`;
  const what = name.includes(".") ? "property" : "argument";
  return coded(
    new TypeError(`The ${what} '${name}' ${reason}. Received ${shown}`),
    "ERR_INVALID_ARG_VALUE",
  );
}

/** 1234567 as 1_234_567, as Node shows the large numbers that it refuses. */
function grouped(value: number | bigint): string {
  const large =
    typeof value === "bigint"
      ? value > 2n ** 32n || value < -(2n ** 32n)
      : Number.isInteger(value) && Math.abs(value) > 2 ** 32;
  if (!large && typeof value !== "bigint") return inspect(value);
  const digits = String(value).replace(/\B(?=(\d{3})+$)/g, large ? "_" : "");
  return typeof value === "bigint" ? `${digits}n` : digits;
}

export function outOfRange(
  name: string,
  range: string,
  value: unknown,
): RangeError & Coded {
  const shown =
    typeof value === "number" || typeof value === "bigint"
      ? grouped(value)
      : inspect(value);
  return coded(
    new RangeError(
      `The value of "${name}" is out of range. It must be ${range}. Received ${shown}`,
    ),
    "ERR_OUT_OF_RANGE",
  );
}
