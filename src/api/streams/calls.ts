// What a door of node:fs has of streams: the classes, their old names, and the functions that make
// one.
import type { Engine } from "../../engine/engine.ts";
import type { AnyFunction } from "../forms.ts";
import { streamsOf } from "./streams.ts";

export function streamCalls(engine: () => Engine): Record<string, AnyFunction> {
  const { ReadStream, WriteStream } = streamsOf(engine);
  return {
    ReadStream: ReadStream as unknown as AnyFunction,
    WriteStream: WriteStream as unknown as AnyFunction,
    FileReadStream: ReadStream as unknown as AnyFunction,
    FileWriteStream: WriteStream as unknown as AnyFunction,
    createReadStream(path, options) {
      return new ReadStream(path, options);
    },
    createWriteStream(path, options) {
      return new WriteStream(path, options);
    },
  };
}
