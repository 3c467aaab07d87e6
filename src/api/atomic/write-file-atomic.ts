// writeFileAtomic(): the file has its old content or its new, whenever the process is killed and,
// where it is durable, whenever the power goes. One hop for data that is there at once; data that
// comes in pieces, or is large, is written beside through a handle.
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { TEMPORARY_PREFIX, TEMPORARY_SUFFIX } from "../../ops/atomic.ts";
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes } from "../../request/results.ts";
import { acceptMode, acceptPath } from "../accept.ts";
import { invalidArgType, invalidArgValue } from "../argument-errors.ts";
import { open } from "../calls/open.ts";
import { bytesOf } from "../descriptors/buffers.ts";
import { prepareData, writeRest } from "../descriptors/whole.ts";
import { Descriptor } from "../handle/descriptor.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import type { RequestOptions } from "../request-options.ts";
import { promised, settlePromise } from "../run.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";
import type { EioPromises } from "../types.ts";
import { misuseError } from "../../util/errors.ts";
import { FolderSync } from "./folder-sync.ts";

export interface AtomicOptions extends RequestOptions {
  encoding?: BufferEncoding | undefined;
  /** The permissions of the file; untold those that it has, or 0o666 less the umask for a new one. */
  mode?: number | string | undefined;
  /** Also safe when the power goes (true, the default): data, then name, are brought to the disk. */
  durable?: boolean | undefined;
}

export type AtomicData =
  | string
  | NodeJS.ArrayBufferView
  | Iterable<string | NodeJS.ArrayBufferView>
  | AsyncIterable<string | NodeJS.ArrayBufferView>;

interface Job {
  file: string | Uint8Array;
  mode: number;
  durable: boolean;
  encoding: BufferEncoding;
  terms: Terms;
}

const KEEP = -1;

export class AtomicWriter {
  readonly #engine: () => Engine;
  readonly #promises: EioPromises;
  readonly #folders: FolderSync;

  constructor(engine: () => Engine, promises: EioPromises) {
    this.#engine = engine;
    this.#promises = promises;
    this.#folders = new FolderSync(engine);
  }

  async write(
    file: unknown,
    data: unknown,
    given: BufferEncoding | AtomicOptions = {},
  ): Promise<void> {
    const options = typeof given === "string" ? { encoding: given } : given;
    const job = readJob(file, options, termsOf(this.#engine(), options));
    const bytes = bytesOf(data, job.encoding);
    if (bytes === null && !isIterable(data))
      throw invalidArgType(
        "data",
        "of type string or an instance of Buffer, TypedArray, DataView, Iterable, or AsyncIterable",
        data,
      );
    const name = folderName(job);
    const shared = this.#folders.enter(name);
    try {
      const folder =
        bytes !== null && bytes.byteLength <= DATA_MAX_BYTES
          ? await this.#inOneHop(job, bytes, shared)
          : await this.#beside(job, data, shared);
      if (folder.byteLength !== 0) await this.#folders.sync(folder);
    } finally {
      this.#folders.leave(name);
    }
  }

  /** The folder that is still to be synced, or nothing. */
  #inOneHop(job: Job, bytes: Uint8Array, shared: boolean): Promise<Uint8Array> {
    const request = requestOf(ops.spewAtomic.code, job, shared);
    request.path = job.file;
    request.data = bytes;
    return promised(this.#engine(), applyTerms(request, job.terms));
  }

  async #beside(job: Job, data: unknown, shared: boolean): Promise<Uint8Array> {
    // What is found is absolute: it starts nowhere.
    const { withoutFolders } = job.terms;
    const target = await this.#realpath(bufferOf(job.file), job.terms);
    const name =
      TEMPORARY_PREFIX + randomBytes(9).toString("hex") + TEMPORARY_SUFFIX;
    const temporary = Buffer.concat([folderOf(target), Buffer.from(name)]);
    const descriptor = await this.#create(temporary, job.mode, withoutFolders);
    try {
      try {
        const prepared = prepareData(data, job.encoding)!;
        await writeRest(descriptor, prepared, withoutFolders);
      } finally {
        await descriptor.close();
      }
      const request = requestOf(ops.replaceAtomic.code, job, shared);
      request.path = temporary;
      request.path2 = target;
      const termed = applyTerms(request, withoutFolders);
      return await promised<Uint8Array>(this.#engine(), termed);
    } catch (error) {
      await this.#promises.rm(temporary, { force: true });
      throw error;
    }
  }

  async #create(
    path: Uint8Array,
    mode: number,
    terms: Terms,
  ): Promise<Descriptor> {
    const given = mode === KEEP ? undefined : mode;
    const request = open([path, "wx", given, terms], this.#engine)!;
    const fd = await promised<number>(this.#engine(), request);
    return new Descriptor(this.#engine(), fd);
  }

  /** A link stays, and what it leads to is replaced. */
  async #realpath(file: Buffer, terms: Terms): Promise<Buffer> {
    try {
      return await this.#resolve(file, terms);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return terms.wd === null ? file : await this.#named(file, terms);
    }
  }

  /** A new file in a working directory, by the true name of its folder. */
  async #named(file: Buffer, terms: Terms): Promise<Buffer> {
    const found = await this.#resolve(folderOf(file), terms);
    const name = file.subarray(file.lastIndexOf("/") + 1);
    return Buffer.concat([found, Buffer.from("/"), name]);
  }

  #resolve(path: Buffer, terms: Terms): Promise<Buffer> {
    const request = new Request(ops.realpath.code, decodeBytes, settlePromise);
    request.path = path;
    request.present = ({ value }) => Buffer.from(value as Uint8Array);
    return promised<Buffer>(this.#engine(), applyTerms(request, terms));
  }
}

function readJob(given: unknown, options: AtomicOptions, terms: Terms): Job {
  const file = acceptPath(given);
  if (file === null)
    throw typeof given === "string" || given instanceof Uint8Array
      ? invalidArgValue(
          "path",
          given,
          "must be a string, Uint8Array, or URL without null bytes",
        )
      : invalidArgType(
          "path",
          "of type string or an instance of Buffer or URL",
          given,
        );
  const { mode, durable = true } = options;
  if (typeof durable !== "boolean")
    throw invalidArgType("options.durable", "of type boolean", durable);
  const accepted = mode === undefined ? KEEP : acceptMode(mode, KEEP);
  if (Number.isNaN(accepted))
    throw invalidArgValue(
      "options.mode",
      mode,
      "must be a 32-bit unsigned integer or an octal string",
    );
  if (terms.wd?.keeps === true)
    throw misuseError(
      "ERR_EIO_WD",
      "writeFileAtomic",
      "what it replaces could be led to out of the folder",
    );
  const encoding = encodingOf(options);
  return { file, mode: accepted, durable, encoding, terms };
}

function encodingOf(options: AtomicOptions): BufferEncoding {
  const encoding = acceptEncoding(options, "utf8");
  if (encoding === REFUSED || encoding === "buffer")
    throw invalidArgValue(
      "options.encoding",
      options.encoding,
      "is not an encoding of text",
    );
  return encoding;
}

function requestOf(code: number, job: Job, shared: boolean): Request {
  const request = new Request(code, decodeBytes, settlePromise);
  request.a = job.mode;
  request.b = job.durable ? 1 : 0;
  request.c = shared ? 0 : 1;
  return request;
}

function isIterable(data: unknown): boolean {
  if (typeof data === "string") return true;
  if (data === null || typeof data !== "object") return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

const bufferOf = (file: string | Uint8Array): Buffer =>
  typeof file === "string" ? Buffer.from(file) : Buffer.from(file);

function folderOf(file: Buffer): Buffer {
  const slash = file.lastIndexOf("/");
  return slash === -1 ? Buffer.from("./") : file.subarray(0, slash + 1);
}

/** What the folder is called here: only to see whether others write there at the same time. */
const folderName = ({ file, terms }: Job): string =>
  path.dirname(
    path.resolve(terms.wd?.path ?? "", bufferOf(file).toString("latin1")),
  );
