// What the executors of the tests run. `data.log`, if given, gets a line for each hook that is called.
import fs from "node:fs";
import { threadId } from "node:worker_threads";

export let thread;
let opened = 0;
let dirty = null;

const log = (line) => {
  if (thread?.data?.log) fs.appendFileSync(thread.data.log, `${line}\n`);
};

export async function open(given) {
  thread = given;
  opened++;
  await null;
  if (given.data?.failing && fs.existsSync(given.data.failing))
    throw Object.assign(new RangeError("cannot open"), { code: "E_OPEN" });
  log(`open ${threadId}`);
}

export async function close() {
  log(`close ${threadId}`);
  await null;
  if (thread.data?.closeFails) throw new Error("cannot close");
}

export function reset() {
  log(`reset ${threadId}`);
  if (dirty === "unresettable") {
    dirty = null;
    throw new Error("cannot reset");
  }
  dirty = null;
}

export default (a, b) => a + b;
export const id = () => threadId;
export const openedTimes = () => opened;
export const later = async (value) => {
  await null;
  return { value, at: new Map([[1, value]]) };
};
export const same = (value) => value;
export const set = (value) => void (dirty = value);
export const get = () => dirty;
export const users = {
  names: ["a", "b"],
  find(i) {
    return this.names[i];
  },
};
export const notAFunction = 5;
export const odd = () => () => {};
export const environment = () => ({
  argv: process.argv.slice(2),
  env: process.env.EXECUTOR_TEST,
});

/** Says that it has begun, and blocks until it is released, or its call is cancelled: then it returns true. */
export function block(words) {
  Atomics.store(words, 1, threadId);
  Atomics.notify(words, 1);
  while (Atomics.load(words, 0) === 0 && !thread.signal.aborted)
    Atomics.wait(words, 0, 0, 5);
  Atomics.store(words, 2, thread.signal.aborted ? 2 : 1);
  Atomics.notify(words, 2);
  return threadId;
}

export const withSignal = (a, { signal }) => [a, signal.aborted];
withSignal.takesSignal = true;

export class DriverError extends TypeError {
  constructor(message, fields) {
    super(message);
    Object.assign(this, fields);
  }
}
/** As that of better-sqlite3: no native error, only something that inherits from Error. */
export function OldError(message, code) {
  const { stack } = new Error(message);
  Object.defineProperties(this, {
    message: { value: message },
    stack: {
      value: `OldError: ${message}\n${stack.split("\n").slice(2).join("\n")}`,
    },
  });
  this.code = code;
}
OldError.prototype = Object.create(Error.prototype, {
  constructor: { value: OldError },
  name: { value: "OldError" },
});
export const throwsOld = () => {
  throw new OldError("no such table", "SQLITE_ERROR");
};
export const throwsDriver = () => {
  throw new DriverError("as requested", {
    code: "E_OURS",
    position: { line: 3 },
    retry: () => {},
    cause: new RangeError("inner", { cause: "innermost" }),
  });
};
export const throwsMany = () => {
  throw new AggregateError([new TypeError("one"), 2], "several");
};
export const throwsItself = () => {
  const error = new Error("round");
  error.cause = error;
  throw error;
};
export const throwsText = async () => {
  throw "a text";
};
export const throwsAbort = () => AbortSignal.abort().throwIfAborted();

export const zeros = (bytes) => thread.move(new Uint8Array(bytes));
export const part = () => {
  const bytes = new Uint8Array(10).fill(7);
  const moved = thread.move(bytes.subarray(2, 5));
  return moved;
};
export const list = () => {
  const buffers = [new ArrayBuffer(3), new ArrayBuffer(4)];
  return thread.move({ buffers }, buffers);
};
export const fill = (bytes, value) => thread.move(bytes.fill(value));

export const exit = (code) => process.exit(code);
export const exitLater = (words) => {
  setImmediate(() => {
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
    process.exit(3);
  });
};
export const throwLater = () =>
  new Promise(() => {
    setImmediate(() => {
      throw new Error("nobody catches it");
    });
  });

// --- streams ---

export function* count(to, words) {
  try {
    for (let i = 0; i < to; i++) {
      if (words) Atomics.store(words, 0, i + 1);
      yield i;
    }
  } finally {
    if (words) {
      Atomics.store(words, 1, 1);
      Atomics.notify(words, 1);
    }
  }
}
export async function* slowly(to) {
  for (let i = 0; i < to; i++) {
    await null;
    yield i;
  }
}
export const array = () => [1, 2, 3];
export function* failing(after) {
  for (let i = 0; i < after; i++) yield i;
  throw new DriverError("in the middle", { code: "E_MIDDLE" });
}
export function* dying(after) {
  for (let i = 0; i < after; i++) yield i;
  process.exit(7);
}
export const unclosable = () => ({
  [Symbol.iterator]: () => ({
    next: () => ({ done: false, value: 1 }),
    return() {
      throw new Error("cannot end");
    },
  }),
});
export function* oddItems() {
  yield 1;
  yield () => {};
}
export function* buffers(count, bytes) {
  for (let i = 0; i < count; i++)
    yield thread.move(new Uint8Array(bytes).fill(i));
}
/** An item, and the next one only when it is released. */
export async function* stepwise(words) {
  yield "first";
  while (Atomics.load(words, 0) === 0)
    await Atomics.waitAsync(words, 0, 0).value;
  yield "second";
}

/** Notices only by an error that nobody reads any more. */
export function* untilAborted() {
  yield 1;
  Atomics.wait(thread.signal.flag, 0, 0);
  thread.signal.throwIfAborted();
  yield 2;
}
