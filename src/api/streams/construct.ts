// Runs Node's constructor for a stream of ours, and keeps the descriptors right around it: a handle
// is held as long as its stream is. It does not know what the stream reads or writes.
import type { Readable, Writable } from "node:stream";
import { withoutOwnFrames, withRoom } from "../../util/own-frames.ts";
import type { AnyFunction } from "../call-forms.ts";
import { held } from "../handles/descriptor.ts";
import type { StreamedHandle } from "./operations.ts";

type FileStream = (Readable | Writable) & { close(): void };

export function construct(
  stream: FileStream,
  nodeClass: AnyFunction,
  path: unknown,
  options: unknown,
  handle: StreamedHandle | null,
): void {
  // Before Node's constructor, which closes already where the signal is aborted.
  handle?.[held].holdForStream();
  try {
    withRoom(() => Reflect.apply(nodeClass, stream, [path, options]));
  } catch (error) {
    handle?.[held].dropForStream();
    throw withoutOwnFrames(error);
  }
  handle?.on("close", () => stream.close());
  // Aborted beforehand: Node 20 to 26 open the file all the same, and nobody closes it.
  if (stream.destroyed) stream._construct = (done) => done();
}
