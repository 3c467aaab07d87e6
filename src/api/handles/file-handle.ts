// FileHandle: a drop-in for Node's, over a descriptor of ours. Every method also takes signal,
// timeout and priority. It knows which function does what, not how anything is done.
import { AsyncResource } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type readline from "node:readline";
import { builtin } from "../../util/builtin.ts";
import { inspect } from "node:util";
import type { Submitter } from "../submitter.ts";
import { prepares, type PlainCall } from "../descriptors/prepare.ts";
import {
  prepareData,
  notAbortedInTurn,
  prepareReadRest,
  writeRest,
} from "../descriptors/read-write-all.ts";
import { outward } from "../../request/errors.ts";
import { promised } from "../submit.ts";
import { setImmediate } from "../../util/node-timers.ts";
import { streamsOf } from "../streams/streams.ts";
import { termsOf } from "../terms.ts";
import { adoptInto } from "./node-file-handle.ts";
import { closedInTime, closeWhenCollected } from "./finalizer.ts";
import { Descriptor, held, type HasDescriptor } from "./descriptor.ts";
import { fileClosed, invalidStateAlone } from "./errors.ts";
import { callNodeHandle } from "./node-handle.ts";
import { read, readv, write, writev } from "./read-write.ts";
import type { FileHandleType } from "./types.ts";
import { readableWebStream, type WebStreamOptions } from "./web-stream.ts";

let deprecationGiven = false;
/** What DEP0137 has announced. Deno names such a release of Node, and says nothing of its own handles. */
const throwsWhenCollected =
  Number.parseInt(process.versions.node, 10) >= 25 &&
  process.versions["deno"] === undefined;

/** Of a handle that was collected, as Node does. */
function reportCollected({ fd, path }: Descriptor): void {
  if (!throwsWhenCollected) return warnOfCollected(fd);
  const which = path === null ? fd : `${fd} (${Buffer.from(path).toString()})`;
  const error = invalidStateAlone(
    "A FileHandle object was closed during garbage collection. This used to be allowed with a deprecation warning " +
      "but is now considered an error. Please close FileHandle objects explicitly. " +
      `File descriptor: ${which}`,
  );
  setImmediate(() => {
    throw error;
  }).unref();
}

function warnOfCollected(fd: number): void {
  process.emitWarning(`Closing file descriptor ${fd} on garbage collection`);
  if (deprecationGiven) return;
  deprecationGiven = true;
  process.emitWarning(
    "Closing a FileHandle object on garbage collection is deprecated. " +
      "Please close FileHandle objects explicitly using " +
      "FileHandle.prototype.close(). In the future, an error will be " +
      "thrown if a file descriptor is closed during garbage collection.",
    "DeprecationWarning",
    "DEP0137",
  );
}

class Handle extends EventEmitter implements HasDescriptor {
  declare readonly [held]: Descriptor;
  readonly #engine: () => Submitter;
  #resource: AsyncResource | undefined;

  constructor(fd: number, engine: () => Submitter) {
    super();
    const descriptor = new Descriptor(engine(), fd);
    // Not enumerable: it is nobody's business who looks at, copies or compares a handle.
    Object.defineProperty(this, held, { value: descriptor });
    this.#engine = engine;
    closeWhenCollected(this, descriptor, reportCollected);
  }

  get fd(): number {
    return this[held].fd;
  }

  getAsyncId(): number {
    this.#resource ??= new AsyncResource("FILEHANDLE");
    return this.#resource.asyncId();
  }

  // --- data: no async function, so that a plain read or write costs one promise ---

  read(
    buffer: unknown,
    offset: unknown,
    length: unknown,
    position: unknown,
    options: unknown,
  ): Promise<unknown> {
    const descriptor = this[held];
    try {
      if (descriptor.fd === -1) throw fileClosed("read", descriptor);
      return (
        read(descriptor, buffer, offset, length, position, options) ??
        callNodeHandle(descriptor, "read", [buffer, offset, length, position])
      );
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  write(
    buffer: unknown,
    offset: unknown,
    length: unknown,
    position: unknown,
    options: unknown,
  ): Promise<unknown> {
    const descriptor = this[held];
    try {
      if (descriptor.fd === -1) throw fileClosed("write", descriptor);
      return (
        write(descriptor, buffer, offset, length, position, options) ??
        callNodeHandle(descriptor, "write", [buffer, offset, length, position])
      );
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async readv(
    buffers: unknown,
    position: unknown,
    options: unknown,
  ): Promise<unknown> {
    const descriptor = this.#open("readv");
    const reading = readv(descriptor, buffers, position, options);
    return reading === null
      ? callNodeHandle(descriptor, "readv", [buffers, position])
      : outward(reading);
  }

  async writev(
    buffers: unknown,
    position: unknown,
    options: unknown,
  ): Promise<unknown> {
    const descriptor = this.#open("writev");
    const writing = writev(descriptor, buffers, position, options);
    return writing === null
      ? callNodeHandle(descriptor, "writev", [buffers, position])
      : outward(writing);
  }

  async readFile(options: unknown): Promise<unknown> {
    const descriptor = this.#open("readFile");
    const request = prepareReadRest(options, () =>
      termsOf(descriptor.engine, options),
    );
    if (request === null)
      return callNodeHandle(descriptor, "readFile", [options]);
    request.fd = descriptor.fd;
    request.owner = descriptor;
    const content = promised(descriptor.engine, request);
    const signal = request.ends?.signal;
    if (signal === undefined) return content;
    return outward(
      content.then(async (read) => {
        await notAbortedInTurn(signal);
        return read;
      }),
    );
  }

  async writeFile(data: unknown, options: unknown): Promise<unknown> {
    const descriptor = this.#open("writeFile");
    const prepared = prepareData(data, options);
    if (prepared === null)
      return callNodeHandle(descriptor, "writeFile", [data, options]);
    const terms = termsOf(descriptor.engine, options);
    return outward(writeRest(descriptor, prepared, terms));
  }

  appendFile(data: unknown, options: unknown): Promise<unknown> {
    return this.writeFile(data, options);
  }

  // --- what is known of the file ---

  stat(options: unknown): Promise<unknown> {
    return this.#call("stat", "fstat", [options]);
  }

  truncate(len: unknown, options: unknown): Promise<unknown> {
    return this.#call("truncate", "ftruncate", [len, options]);
  }

  sync(options: unknown): Promise<unknown> {
    return this.#call("sync", "fsync", [options]);
  }

  datasync(options: unknown): Promise<unknown> {
    return this.#call("datasync", "fdatasync", [options]);
  }

  chmod(mode: unknown, options: unknown): Promise<unknown> {
    return this.#call("chmod", "fchmod", [mode, options]);
  }

  chown(uid: unknown, gid: unknown, options: unknown): Promise<unknown> {
    return this.#call("chown", "fchown", [uid, gid, options]);
  }

  utimes(atime: unknown, mtime: unknown, options: unknown): Promise<unknown> {
    return this.#call("utimes", "futimes", [atime, mtime, options]);
  }

  // --- streams ---

  createReadStream(options?: object): unknown {
    const { ReadStream } = streamsOf(this.#engine);
    return new ReadStream(undefined, { ...options, fd: this });
  }

  createWriteStream(options?: object): unknown {
    const { WriteStream } = streamsOf(this.#engine);
    return new WriteStream(undefined, { ...options, fd: this });
  }

  readLines(options?: object): readline.Interface {
    return builtin("node:readline").createInterface({
      input: this.createReadStream(options) as NodeJS.ReadableStream,
      crlfDelay: Infinity,
    });
  }

  readableWebStream(options?: WebStreamOptions): unknown {
    return readableWebStream(this as never, this[held], options);
  }

  // --- the end ---

  /** A property of its own, as Node's: `const { close } = handle` works. */
  close = (): Promise<void> => {
    const descriptor = this[held];
    if (descriptor.fd === -1 || descriptor.closing) return descriptor.close();
    closedInTime(descriptor);
    const closed = descriptor.close();
    this.emit("close");
    return closed;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  [inspect.custom](_depth: number, options: { stylize: Stylize }): string {
    const { fd } = this;
    const state = fd === -1 ? "closed" : options.stylize(String(fd), "number");
    return `FileHandle { fd: ${state} }`;
  }

  #open(name: string): Descriptor {
    const descriptor = this[held];
    if (descriptor.fd === -1) throw fileClosed(name, descriptor);
    return descriptor;
  }

  async #call(
    method: string,
    name: PlainCall,
    args: unknown[],
  ): Promise<unknown> {
    const descriptor = this.#open(name);
    const request = prepares[name](args, () => descriptor.engine);
    if (request === null) return callNodeHandle(descriptor, method, args);
    request.fd = descriptor.fd;
    request.owner = descriptor;
    return promised(descriptor.engine, request);
  }
}

type Stylize = (text: string, style: string) => string;

Object.defineProperty(Handle, "name", { value: "FileHandle" });

/** How handles are made for an opened descriptor: the first one waits for Node's class. */
export function openHandle(
  fd: number,
  engine: () => Submitter,
): FileHandleType | Promise<FileHandleType> {
  const adopting = adoptInto(Handle);
  if (adopting === null) return new FileHandle(fd, engine);
  return adopting.then(() => new FileHandle(fd, engine));
}

export type FileHandle = FileHandleType;
export const FileHandle = Handle as unknown as new (
  fd: number,
  engine: () => Submitter,
) => FileHandleType;
