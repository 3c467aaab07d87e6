// A stream's options, made ours: file access goes through us unless the user brought file access of their own, or a
// handle that is not ours. It does not know what is read or written.
import { refuseFolders } from "../call-forms.ts";
import { hasDescriptor } from "../handles/descriptor.ts";
import { notImplemented } from "../handles/errors.ts";
import type { Submitter } from "../submitter.ts";
import { NO_TERMS, termsOf, type Terms } from "../terms.ts";
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
  /** Of all requests of the stream. */
  terms: Terms;
}

interface Given {
  fd?: unknown;
  fs?: unknown;
}

export function streamOptions(
  options: unknown,
  ofPaths: Operations,
  engine: () => Submitter,
): StreamOptions {
  if (options == null || typeof options === "function") options = {};
  if (typeof options === "string") options = { encoding: options };
  const own = { operations: null, handle: null, terms: NO_TERMS };
  // Whatever else it is, Node has words for it.
  if (typeof options !== "object") return { options, ...own };
  const copy = copyOf(options!);
  const { fd, fs } = copy as Given;
  const terms = streamTerms(engine, copy);
  if (hasDescriptor(fd)) {
    if (fs) throw notImplemented("FileHandle with fs");
    const handle = fd as unknown as StreamedHandle;
    const operations = withTerms(handleOperations(handle), terms);
    return {
      options: { ...copy, fd: handle.fd, fs: operations },
      operations,
      handle,
      terms,
    };
  }
  if (fs || (fd != null && typeof fd !== "number")) {
    refuseFolders("A stream over an fs of its own", [options]);
    return { options, ...own };
  }
  const operations = withTerms(ofPaths, terms);
  return {
    options: { ...copy, fs: operations },
    operations,
    handle: null,
    terms,
  };
}

/** All but the signal, which is Node's: it checks it, and destroys the stream, which ends its requests. */
function streamTerms(engine: () => Submitter, options: object): Terms {
  return termsOf(engine(), { ...options, signal: undefined });
}

/** As Node's streams copy them, inherited ones too. As a prototype of the new object they would slow down all that reads it. */
function copyOf(options: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name in options)
    copy[name] = (options as Record<string, unknown>)[name];
  return copy;
}

/** Those that take terms. */
const underTerms = ["open", "read", "write", "writev", "fsync"] as const;

/** The same operations under the terms of the stream: a copy, which the stream may change. */
function withTerms(operations: Operations, terms: Terms): Operations {
  const wrapped = { ...operations };
  if (terms === NO_TERMS) return wrapped;
  for (const name of underTerms) {
    const own = operations[name];
    wrapped[name] = (...args) =>
      args.length === arity[name]
        ? own(...args.slice(0, -1), terms, args.at(-1))
        : own(...args);
  }
  return wrapped;
}
