// What a door of node:fs has of streams: the classes, their old names, and the functions that make
// one. The classes are made when somebody reads them, as Node's are: Node's own streams are loaded for them.
import type { Submitter } from "../submitter.ts";
import { streamsOf } from "./streams.ts";

const classes = {
  ReadStream: "ReadStream",
  WriteStream: "WriteStream",
  FileReadStream: "ReadStream",
  FileWriteStream: "WriteStream",
} as const;

export function streamProperties(
  engine: () => Submitter,
): PropertyDescriptorMap {
  // Functions, not methods: some callers say "new fs.createReadStream(...)", and Node lets them.
  function createReadStream(path: unknown, options: unknown): unknown {
    const { ReadStream } = streamsOf(engine);
    return new ReadStream(path, options);
  }
  function createWriteStream(path: unknown, options: unknown): unknown {
    const { WriteStream } = streamsOf(engine);
    return new WriteStream(path, options);
  }
  const properties: PropertyDescriptorMap = {
    createReadStream: valueOf(createReadStream),
    createWriteStream: valueOf(createWriteStream),
  };
  for (const [name, own] of Object.entries(classes))
    properties[name] = {
      configurable: true,
      enumerable: true,
      get: () => streamsOf(engine)[own],
      set(this: object, value: unknown) {
        Object.defineProperty(this, name, valueOf(value));
      },
    };
  return properties;
}

const valueOf = (value: unknown): PropertyDescriptor => ({
  configurable: true,
  enumerable: true,
  value,
  writable: true,
});
