// A stream's options, made ours: file access goes through us unless the user brought file access
// of their own, or a handle that is not ours.
import { refuseFolders } from "../forms.ts";
import { hasDescriptor } from "../handle/descriptor.ts";
import { notImplemented } from "../handle/errors.ts";
import type { RequestOptions } from "../request-options.ts";
import { namesFolder } from "../wd/start.ts";
import {
  arity,
  handleOperations,
  type Operations,
  type StreamedHandle,
} from "./operations.ts";

export interface StreamOptions {
  /** For Node's constructor. */
  options: unknown;
  /** What `options.fs` is, if it is ours. */
  operations: Operations | null;
  handle: StreamedHandle | null;
}

interface Told {
  fd?: unknown;
  fs?: unknown;
}

export function streamOptions(
  options: unknown,
  ofPaths: Operations,
): StreamOptions {
  if (options == null || typeof options === "function") options = {};
  if (typeof options === "string") options = { encoding: options };
  // Whatever else it is, Node has words for it.
  if (typeof options !== "object")
    return { options, operations: null, handle: null };
  const { fd, fs } = options as Told;
  if (hasDescriptor(fd)) {
    if (fs) throw notImplemented("FileHandle with fs");
    const handle = fd as unknown as StreamedHandle;
    const operations = inLane(handleOperations(handle), options!);
    return {
      options: over(options!, { fd: handle.fd, fs: operations }),
      operations,
      handle,
    };
  }
  if (fs || (fd != null && typeof fd !== "number")) {
    refuseFolders("A stream over an fs of its own", [options]);
    return { options, operations: null, handle: null };
  }
  const operations = inLane({ ...ofPaths }, options!);
  if (namesFolder(options)) {
    const { wd, lane } = options as RequestOptions;
    const told = { wd, lane };
    operations.open = (path, flags, mode, done) =>
      ofPaths.open(path, flags, mode, told, done);
  }
  return {
    options: over(options!, { fs: operations }),
    operations,
    handle: null,
  };
}

/** Options may be inherited: they stay where they were, and are looked up there. */
function over(options: object, own: Record<string, unknown>): object {
  return Object.create(
    options,
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        { value, enumerable: true },
      ]),
    ),
  ) as object;
}

/** Those that take a lane. */
const inLanes = ["open", "read", "write", "writev"] as const;

/** The same operations in a lane. */
function inLane(operations: Operations, options: object): Operations {
  const { lane } = options as RequestOptions;
  if (lane === undefined) return operations;
  const wrapped = { ...operations };
  for (const name of inLanes) {
    const own = operations[name];
    wrapped[name] = (...args) =>
      args.length === arity[name]
        ? own(...args.slice(0, -1), { lane }, args.at(-1))
        : own(...args);
  }
  return wrapped;
}

export function requestOptionsOf(options: unknown): RequestOptions | undefined {
  const { priority, lane } = (options ?? {}) as RequestOptions;
  return priority === undefined && lane === undefined
    ? undefined
    : { priority, lane };
}
