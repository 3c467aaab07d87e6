// What Node's streams call on their `fs` option, done by us: for a path or a bare descriptor by
// the functions that call back, for a handle of ours by its methods. It knows nothing of streams.
import type { Submitter } from "../submitter.ts";
import { openBare } from "../files/open.ts";
import { descriptorCalls } from "../callbacks/descriptor-calls.ts";
import { callbackForm, type AnyFunction } from "../call-forms.ts";
import { held, type HasDescriptor } from "../handles/descriptor.ts";
import { notImplemented } from "../handles/errors.ts";
import { replacement } from "../register/overridden.ts";

export type Operations = Record<
  "open" | "close" | "read" | "write" | "writev" | "fsync",
  AnyFunction
>;

export function pathOperations(engine: () => Submitter): Operations {
  const { close, read, write, writev, fsync } = descriptorCalls(
    engine,
  ) as Operations;
  const open = callbackForm("open", openBare, engine);
  const own = { open, close, read, write, writev, fsync };
  for (const name of Object.keys(own) as (keyof Operations)[])
    own[name] = orReplacement(name, own[name], engine);
  return own;
}

/** How many arguments Node's streams give, the callback included. */
export const arity = {
  open: 4,
  close: 2,
  read: 6,
  write: 6,
  writev: 4,
  fsync: 2,
} as const satisfies Record<keyof Operations, number>;

/** What somebody put over it takes no options of ours, which come before the callback. */
const orReplacement =
  (
    name: keyof Operations,
    own: AnyFunction,
    engine: () => Submitter,
  ): AnyFunction =>
  (...args) => {
    const theirs = replacement(name, engine);
    if (theirs === null) return own(...args);
    return theirs(...args.slice(0, arity[name] - 1), args.at(-1));
  };

/** A handle of ours, as streams use it. */
export interface StreamedHandle extends HasDescriptor {
  readonly fd: number;
  read(...args: unknown[]): Promise<{ bytesRead: number; buffer: unknown }>;
  write(...args: unknown[]): Promise<{ bytesWritten: number; buffer: unknown }>;
  writev(
    ...args: unknown[]
  ): Promise<{ bytesWritten: number; buffers: unknown }>;
  sync(...args: unknown[]): Promise<void>;
  close(): Promise<void>;
  on(event: "close", listener: () => void): unknown;
}

type Done = (error: unknown, count?: number, what?: unknown) => void;

/** The stream holds the handle's descriptor; close drops that hold, and closes the handle. */
export function handleOperations(handle: StreamedHandle): Operations {
  return {
    open() {
      throw notImplemented("open()");
    },
    close(_fd: unknown, done: unknown) {
      handle[held].dropForStream();
      void handle.close().then(() => (done as Done)(undefined), done as Done);
    },
    fsync(_fd: unknown, ...args: unknown[]) {
      const done = args.pop() as Done;
      void handle.sync(...args).then(() => done(undefined), done);
    },
    read(_fd: unknown, ...args: unknown[]) {
      const done = args.pop() as Done;
      void handle.read(...args).then(
        ({ bytesRead, buffer }) => done(null, bytesRead, buffer),
        (error: unknown) => done(error, 0, args[0]),
      );
    },
    write(_fd: unknown, ...args: unknown[]) {
      const done = args.pop() as Done;
      void handle.write(...args).then(
        ({ bytesWritten, buffer }) => done(null, bytesWritten, buffer),
        (error: unknown) => done(error, 0, args[0]),
      );
    },
    writev(_fd: unknown, ...args: unknown[]) {
      const done = args.pop() as Done;
      void handle.writev(...args).then(
        ({ bytesWritten, buffers }) => done(null, bytesWritten, buffers),
        (error: unknown) => done(error, 0, args[0]),
      );
    },
  };
}
