// The stream classes of one instance, made once: `instanceof` is to mean the same everywhere. What a stream does is
// not known here.
import type fs from "node:fs";
import type { Submitter } from "../submitter.ts";
import { pathOperations } from "./operations.ts";
import { readStreamOf } from "./read-stream.ts";
import { writeStreamOf } from "./write-stream.ts";

type StreamClass<T> = new (path: unknown, options?: unknown) => T;

export interface Streams {
  ReadStream: StreamClass<fs.ReadStream>;
  WriteStream: StreamClass<fs.WriteStream>;
}

const made = new WeakMap<() => Submitter, Streams>();

export function streamsOf(engine: () => Submitter): Streams {
  let streams = made.get(engine);
  if (streams === undefined) {
    const operations = pathOperations(engine);
    streams = {
      ReadStream: readStreamOf(engine, operations),
      WriteStream: writeStreamOf(engine, operations),
    } as unknown as Streams;
    made.set(engine, streams);
  }
  return streams;
}
