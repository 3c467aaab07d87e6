// ReadStream: Node's own, reading through us, and reading ahead once its first chunk was a full
// one. What Node checks, emits and closes stays Node's.
import { AsyncResource } from "node:async_hooks";
import type fs from "node:fs";
import type { Submitter } from "../submitter.ts";
import { callIn } from "../callbacks/call-in-context.ts";
import type { AnyFunction } from "../call-forms.ts";
import { held } from "../handles/descriptor.ts";
import { replacement } from "../register/overridden.ts";
import { construct } from "./construct.ts";
import type { Operations } from "./operations.ts";
import { streamOptions, type StreamOptions } from "./options.ts";
import { ReadAhead } from "./read-ahead.ts";
import { nodeStream } from "../../util/node-fs.ts";
import { nextTick, setImmediate } from "../../util/node-timers.ts";

/** Node's stream with the members that its types leave out. */
interface Stream extends fs.ReadStream {
  fd: number | null;
  pos: number | undefined;
  end: number;
  _read(bytes: number): void;
  _destroy(error: Error | null, done: (error?: Error | null) => void): void;
}

const NodeReadStream = nodeStream("ReadStream") as unknown as {
  prototype: Stream;
} & AnyFunction;

/** How a stream reads ahead, if it does; kept off the stream itself. */
class Reading {
  readonly ahead: ReadAhead;
  readonly #stream: Stream;
  readonly #resource = new AsyncResource("EIOREADSTREAM");
  /** For Node's own _read to report: it knows whether the stream is to be destroyed. */
  #failure: Error | null = null;

  constructor(stream: Stream, given: StreamOptions, engine: () => Submitter) {
    this.#stream = stream;
    const { handle, terms } = given;
    this.ahead = new ReadAhead(
      {
        engine,
        owner: handle === null ? null : handle[held],
        terms,
      },
      {
        chunk: (chunk) => this.#run(() => this.#chunk(chunk)),
        end: () => this.#run(() => void stream.push(null)),
        fail: (error) => this.#run(() => this.#fail(error)),
      },
    );
    this.#watch(given.operations!);
  }

  /** The stream's own reads: a full one shows a consumer of more than a little. */
  #watch(operations: Operations): void {
    const { read } = operations;
    operations.read = (...args) => {
      const done = args[5] as (...outcome: unknown[]) => void;
      const [fd, buffer, , length] = args;
      if (this.#failure !== null) return done(this.#failure, 0, buffer);
      const deliver = (
        error: unknown,
        count: unknown,
        filled: unknown,
      ): void => {
        if (count === length && !this.#stream.destroyed)
          this.ahead.begin(fd as number);
        done(error, count, filled);
      };
      args[5] = deliver;
      read(...args);
    };
  }

  #chunk(chunk: Buffer): void {
    const stream = this.#stream;
    if (stream.pos !== undefined) stream.pos += chunk.byteLength;
    stream.bytesRead += chunk.byteLength;
    stream.push(chunk);
  }

  #fail(error: Error): void {
    this.#failure = error;
    NodeReadStream.prototype._read.call(this.#stream, 1);
  }

  /** In the context that the stream was made in; what a listener throws is nobody else's. */
  #run(deliver: () => void): void {
    callIn(this.#resource, deliver, []);
  }
}

/** The same object again: what a class that extends it adds is added to that. */
const Itself = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

/** Puts a stream's reading into the stream itself, unseen by others. A WeakMap would cost at each garbage collection. */
class ReadingOf extends Itself {
  readonly #reading: Reading;

  constructor(stream: object, reading: Reading) {
    super(stream);
    this.#reading = reading;
  }

  /** What is read ahead, if anything is. */
  static ahead(stream: object): ReadAhead | undefined {
    return #reading in stream ? stream.#reading.ahead : undefined;
  }
}

/** Only where the position is known: given, or that of a file that nobody else has open. */
function mayReadAhead(options: unknown): boolean {
  const { start, fd, autoClose } = options as Record<string, unknown>;
  return start !== undefined || (fd == null && autoClose !== false);
}

const readNextBy = (engine: () => Submitter) => {
  function readNext(
    stream: Stream,
    ahead: ReadAhead | undefined,
    bytes: number,
  ): void {
    if (ahead?.ready) {
      const position = stream.pos ?? stream.bytesRead;
      if (position <= stream.end && replacement("read", engine) === null)
        return ahead.want(position, bytes, stream.end);
      // Reading ahead leaves the descriptor's position alone.
      stream.pos = position;
    }
    NodeReadStream.prototype._read.call(stream, bytes);
  }
  return function _read(this: Stream, bytes: number): void {
    const ahead = ReadingOf.ahead(this);
    if (!ahead?.ready) return readNext(this, ahead, bytes);
    // Whoever reads a paused stream takes all that it has: what came within this call would be one chunk with what is there.
    const joins = this.readableLength !== 0 && !this.readableFlowing;
    // A chunk that ends within a character may be no text at all, and within this call Node takes that for the end of what there is.
    const decodes = this.readableEncoding !== null;
    if (!joins && !decodes) return readNext(this, ahead, bytes);
    // Text is shorter than its bytes, so more is read for it before its reader has had a turn.
    const later = joins && decodes ? setImmediate : nextTick;
    later(() => {
      if (!this.destroyed) readNext(this, ahead, bytes);
    });
  };
};

function destroy(
  this: Stream,
  error: Error | null,
  done: (error?: Error | null) => void,
): void {
  const close = (): void =>
    NodeReadStream.prototype._destroy.call(this, error, done);
  const ahead = ReadingOf.ahead(this);
  if (ahead === undefined) close();
  else ahead.stop(close);
}

export function readStreamOf(
  engine: () => Submitter,
  operations: Operations,
): AnyFunction {
  function ReadStream(this: unknown, path: unknown, options: unknown): unknown {
    if (!(this instanceof ReadStream))
      return Reflect.construct(ReadStream, [path, options]);
    const stream = this as unknown as Stream;
    const given = streamOptions(options, operations, engine);
    const { handle } = given;
    const plain = handle === null || handle[held].access === null;
    if (plain && given.operations !== null && mayReadAhead(given.options))
      new ReadingOf(stream, new Reading(stream, given, engine));
    construct(stream, NodeReadStream, path, given.options, handle);
    return undefined;
  }

  ReadStream.prototype = Object.create(NodeReadStream.prototype, {
    constructor: { value: ReadStream, configurable: true, writable: true },
    _read: { value: readNextBy(engine), configurable: true, writable: true },
    _destroy: { value: destroy, configurable: true, writable: true },
  }) as never;
  Object.setPrototypeOf(ReadStream, NodeReadStream);
  return ReadStream as AnyFunction;
}
