// Errors made ready to be sent to another thread with all that they carry: class, own properties, causes. It does
// not know where they were thrown.
import { inspect } from "node:util";
import { isNativeError } from "node:util/types";
import type { Sent, SentError } from "../src/request/executor-messages.ts";

/** Causes of causes, and lists of errors in them: so deep, and no deeper. */
const DEPTH_MAX = 16;
/** What the language and Node have on both sides, by name. */
const BASES = [
  "AggregateError",
  "DOMException",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "Error",
];
/** They are sent by themselves. */
const APART = ["message", "stack"];

/** Drivers have errors that only inherit from Error, which a structured clone takes for plain objects. */
const isError = (value: unknown): value is Error =>
  value instanceof Error || isNativeError(value);

/** @param ownFrame a part of the lines of a stack that show this side's own frames. */
export function sent(value: unknown, ownFrame: string): Sent {
  return new Sender(ownFrame).sent(value, 0);
}

class Sender {
  readonly #ownFrame: string;
  /** Those around the one that is looked at: an error may be its own cause. */
  readonly #around = new Set<unknown>();

  constructor(ownFrame: string) {
    this.#ownFrame = ownFrame;
  }

  sent(value: unknown, depth: number): Sent {
    if (isError(value)) return { error: this.#error(value, depth) };
    if (Array.isArray(value) && value.some(isError))
      return {
        list: value
          .filter((item) => this.#fits(item, depth))
          .map((item) => this.sent(item, depth + 1)),
      };
    return { value: cloneable(value) };
  }

  #fits(value: unknown, depth: number): boolean {
    return depth < DEPTH_MAX && !this.#around.has(value);
  }

  #error(error: Error, depth: number): SentError {
    this.#around.add(error);
    const own = Reflect.ownKeys(error).flatMap((name) => {
      if (typeof name !== "string" || APART.includes(name)) return [];
      const value = read(error, name);
      if (typeof value === "function" || !this.#fits(value, depth)) return [];
      const { enumerable = true } = Object.getOwnPropertyDescriptor(
        error,
        name,
      )!;
      return [{ name, enumerable, value: this.sent(value, depth + 1) }];
    });
    this.#around.delete(error);
    const { className, base } = classOf(error);
    return {
      className,
      base,
      name: String(read(error, "name")),
      message: String(read(error, "message")),
      stack: this.#stackOf(error),
      own,
    };
  }

  /** What is below the first of our own frames is how this side came to call. */
  #stackOf(error: Error): string {
    const stack: unknown = read(error, "stack");
    if (typeof stack !== "string") return String(error);
    const lines = stack.split("\n");
    const first = lines.findIndex(
      (line) => line.startsWith("    at ") && line.includes(this.#ownFrame),
    );
    return (first === -1 ? lines : lines.slice(0, first)).join("\n");
  }
}

function classOf(error: Error): { className: string; base: string } {
  const names: string[] = [];
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    typeof prototype === "object" && prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const { constructor } = prototype as { constructor?: { name?: unknown } };
    if (typeof constructor?.name === "string") names.push(constructor.name);
  }
  const base = names.find((name) => BASES.includes(name)) ?? "Error";
  return { className: names[0] ?? "Error", base };
}

function read(from: object, name: string): unknown {
  try {
    return (from as Record<string, unknown>)[name];
  } catch (error) {
    return `(reading it threw ${String(error)})`;
  }
}

/** The value itself where it can be sent, else how it looks. */
function cloneable(value: unknown): unknown {
  if (typeof value !== "object" && typeof value !== "function")
    return typeof value === "symbol" ? inspect(value) : value;
  try {
    structuredClone(value);
    return value;
  } catch {
    return inspect(value);
  }
}
