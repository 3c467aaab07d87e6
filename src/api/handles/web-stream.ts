// readableWebStream: a handle's bytes as a web stream, pulled one read at a time from the current
// position. It knows the handle as something that reads and closes.
import type {
  ReadableStream,
  ReadableByteStreamController,
  ReadableStreamDefaultController,
} from "node:stream/web";
import { builtin } from "../../util/builtin.ts";
import { invalidArgType } from "../argument-errors.ts";
import { isObject } from "../arguments.ts";
import type { Descriptor } from "./descriptor.ts";
import { invalidState } from "./errors.ts";

const CHUNK_BYTES = 16384;
const PLAIN_CHUNK_BYTES = 65536;
/** Up to 22.14 and 23.7 a stream is of bytes only on request; later it always is, and the options are checked. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const alwaysBytes =
  major >= 24 || (major === 23 && minor >= 8) || (major === 22 && minor >= 15);

export interface WebStreamOptions {
  type?: "bytes" | undefined;
  /** Closes the handle when the stream has ended or was cancelled. */
  autoClose?: boolean | undefined;
}

export interface WebSource {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
  ): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
  once(event: "close", listener: () => void): unknown;
}

export function readableWebStream(
  handle: WebSource,
  descriptor: Descriptor,
  options: WebStreamOptions = {},
): ReadableStream {
  if (descriptor.fd === -1) throw invalidState("The FileHandle is closed");
  if (descriptor.closing) throw invalidState("The FileHandle is closing");
  if (descriptor.locked) throw invalidState("The FileHandle is locked");
  descriptor.locked = true;
  if (alwaysBytes && !isObject(options))
    throw invalidArgType("options", "of type object", options);
  const { type, autoClose = false } = options;
  checkType(type);
  if (typeof autoClose !== "boolean")
    throw invalidArgType("options.autoClose", "of type boolean", autoClose);
  descriptor.holdForStream();
  const run = new Run(handle, descriptor, autoClose);
  return alwaysBytes || type === "bytes" ? bytesOf(run) : chunksOf(run);
}

/** Where a stream is of bytes anyway, Node only warns of another type. */
function checkType(type: unknown): void {
  if (alwaysBytes) {
    if (type !== undefined && type !== "bytes")
      process.emitWarning(
        'A non-"bytes" options.type has no effect. A byte-oriented steam is ' +
          "always created.",
        "ExperimentalWarning",
      );
  } else if (type !== undefined && typeof type !== "string")
    throw invalidArgType("options.type", "of type string", type);
}

/** What both kinds of stream share: a source, and its end, which may come from the handle. */
class Run {
  readonly #handle: WebSource;
  readonly #descriptor: Descriptor;
  readonly #autoClose: boolean;
  ended = false;

  constructor(handle: WebSource, descriptor: Descriptor, autoClose: boolean) {
    this.#handle = handle;
    this.#descriptor = descriptor;
    this.#autoClose = autoClose;
  }

  async read(view: Uint8Array): Promise<number> {
    const { bytesRead } = await this.#handle.read(view, 0, view.byteLength);
    return bytesRead;
  }

  onHandleClose(end: () => void): void {
    this.#handle.once("close", () => {
      if (this.ended) return;
      end();
      void this.finish();
    });
  }

  async finish(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.#descriptor.dropForStream();
    if (this.#autoClose) await this.#handle.close();
  }
}

function bytesOf(run: Run): ReadableStream {
  return new (builtin("node:stream/web").ReadableStream)({
    type: "bytes",
    autoAllocateChunkSize: CHUNK_BYTES,
    start(controller: ReadableByteStreamController) {
      run.onHandleClose(() => {
        controller.close();
        // A read that waits learns of the end only by a response of no bytes.
        controller.byobRequest?.respond(0);
      });
    },
    async pull(controller: ReadableByteStreamController) {
      const count = await run.read(controller.byobRequest!.view as Uint8Array);
      if (run.ended) return;
      if (count === 0) {
        controller.close();
        controller.byobRequest?.respond(0);
        await run.finish();
      } else controller.byobRequest!.respond(count);
    },
    cancel: () => run.finish(),
  });
}

function chunksOf(run: Run): ReadableStream {
  return new (builtin("node:stream/web").ReadableStream)({
    start(controller: ReadableStreamDefaultController<ArrayBuffer>) {
      run.onHandleClose(() => controller.close());
    },
    async pull(controller: ReadableStreamDefaultController<ArrayBuffer>) {
      const chunk = new Uint8Array(PLAIN_CHUNK_BYTES);
      const count = await run.read(chunk);
      if (run.ended) return;
      if (count === 0) {
        controller.close();
        await run.finish();
      } else
        controller.enqueue(
          count === chunk.byteLength
            ? chunk.buffer
            : chunk.buffer.slice(0, count),
        );
    },
    cancel: () => run.finish(),
  });
}
