// Errors that a thread sent, made again as they were thrown: with their class's name, properties and causes, and the
// frames of the caller behind those of the thread. It does not know what was called.
import type { Sent, SentError } from "../../request/executor-messages.ts";

type ErrorClass = new (message: string) => Error;

/** Of modules that invent classes as they go no more are remembered. */
const CLASSES_MAX = 1000;
const bases: Record<string, ErrorClass> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
const classes = new Map<string, ErrorClass>();

/** The frames of a call, for the errors that it may end with later. */
export class Caller {
  readonly #here: { stack?: string } = {};

  /** @param above frames above this function are the caller's. */
  constructor(above: (...args: never[]) => unknown) {
    Error.captureStackTrace(this.#here, above);
  }

  /** Lines, each with its line break before it. */
  get frames(): string {
    const { stack } = this.#here;
    // A program's own Error.prepareStackTrace may make anything of it.
    if (typeof stack !== "string") return "";
    const [, ...frames] = stack.split("\n    at ");
    return frames.map((frame) => `\n    at ${frame}`).join("");
  }

  /** Gives an error of ours, which was made while nobody called, the frames of the call that it ends. */
  behind<E extends Error>(error: E): E {
    const [header = ""] = String(error.stack).split("\n    at ");
    return setStack(error, header + this.frames);
  }
}

/** What was thrown, for the one who called: the frames of the call come last. */
export function received(sent: Sent, caller?: Caller): unknown {
  const value = valueOf(sent);
  return "error" in sent && caller !== undefined
    ? setStack(value as Error, sent.error.stack + caller.frames)
    : value;
}

function valueOf(sent: Sent): unknown {
  if ("error" in sent) return errorOf(sent.error);
  if ("list" in sent) return sent.list.map(valueOf);
  return sent.value;
}

function errorOf(sent: SentError): Error {
  const error = make(sent);
  for (const { name, enumerable, value } of sent.own)
    Object.defineProperty(error, name, {
      ...{ configurable: true, writable: true, enumerable },
      value: valueOf(value),
    });
  return setStack(error, sent.stack);
}

function make({ className, base, name, message }: SentError): Error {
  if (base === "DOMException") return new DOMException(message, name);
  const Base =
    base === "AggregateError" ? aggregateError : (bases[base] ?? Error);
  if (className === base && name === Base.prototype.name)
    return new Base(message);
  const key = JSON.stringify([base, className, name]);
  let Class = classes.get(key);
  if (Class === undefined) {
    Class = classNamed(className, Base, name);
    if (classes.size >= CLASSES_MAX) classes.clear();
    classes.set(key, Class);
  }
  return new Class(message);
}

/** Its errors arrive as an own property. */
const aggregateError = class extends AggregateError {
  constructor(message: string) {
    super([], message);
  }
} as ErrorClass;
Object.defineProperty(aggregateError, "name", { value: "AggregateError" });

function classNamed(
  className: string,
  Base: ErrorClass,
  name: string,
): ErrorClass {
  const Class = { [className]: class extends Base {} }[className]!;
  if (Class.prototype.name !== name)
    Object.defineProperty(Class.prototype, "name", {
      ...{ configurable: true, writable: true, value: name },
    });
  return Class;
}

function setStack<E extends Error>(error: E, value: string): E {
  Object.defineProperty(error, "stack", {
    ...{ configurable: true, writable: true, enumerable: false, value },
  });
  return error;
}
