// What a door of node:fs has of streams: the classes, their old names, and the functions that make
// one.
import type { Engine } from "../../engine/engine.ts";
import type { AnyFunction } from "../forms.ts";
import { streamsOf } from "./streams.ts";

export function streamCalls(engine: () => Engine): Record<string, AnyFunction> {
  const { ReadStream, WriteStream } = streamsOf(engine);
  // Functions, not methods: some callers say "new fs.createReadStream(...)", and Node lets them.
  function createReadStream(path: unknown, options: unknown): unknown {
    return new ReadStream(path, options);
  }
  function createWriteStream(path: unknown, options: unknown): unknown {
    return new WriteStream(path, options);
  }
  return {
    ReadStream: ReadStream as unknown as AnyFunction,
    WriteStream: WriteStream as unknown as AnyFunction,
    FileReadStream: ReadStream as unknown as AnyFunction,
    FileWriteStream: WriteStream as unknown as AnyFunction,
    createReadStream,
    createWriteStream,
  };
}
