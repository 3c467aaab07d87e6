// WriteStream: Node's own, writing through us. What Node checks, emits, flushes and closes stays
// Node's.
import type fs from "node:fs";
import type { Submitter } from "../submitter.ts";
import type { AnyFunction } from "../call-forms.ts";
import { construct } from "./construct.ts";
import type { Operations } from "./operations.ts";
import { streamOptions } from "./options.ts";
import { nodeStream } from "../../util/node-fs.ts";

const NodeWriteStream = nodeStream("WriteStream") as unknown as {
  prototype: fs.WriteStream;
} & AnyFunction;

export function writeStreamOf(
  engine: () => Submitter,
  operations: Operations,
): AnyFunction {
  function WriteStream(
    this: unknown,
    path: unknown,
    options: unknown,
  ): unknown {
    if (!(this instanceof WriteStream))
      return Reflect.construct(WriteStream, [path, options]);
    const stream = this as unknown as fs.WriteStream;
    const { options: given, handle } = streamOptions(
      options,
      operations,
      engine,
    );
    construct(stream, NodeWriteStream, path, given, handle);
    return undefined;
  }

  WriteStream.prototype = Object.create(NodeWriteStream.prototype, {
    constructor: { value: WriteStream, configurable: true, writable: true },
  }) as never;
  Object.setPrototypeOf(WriteStream, NodeWriteStream);
  return WriteStream as AnyFunction;
}
