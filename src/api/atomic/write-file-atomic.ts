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
import { bytesOf } from "../calls/write-file.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import { applyOptions, type RequestOptions } from "../request-options.ts";
import { promised, settlePromise } from "../run.ts";
import type { EioPromises } from "../types.ts";
import { startOf, type Start } from "../wd/start.ts";
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
  options: AtomicOptions;
  /** The folder that the path starts in. */
  from: Start | null;
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
    const job = readJob(file, options);
    const bytes = bytesOf(data, encodingOf(options));
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
    applyOptions(request, job.options);
    request.data = bytes;
    return promised(this.#engine(), request);
  }

  async #beside(job: Job, data: unknown, shared: boolean): Promise<Uint8Array> {
    const { options, file } = job;
    const { signal, timeout, priority } = options;
    const each = { signal, timeout, priority };
    const target = await this.#realpath(bufferOf(file), {
      ...each,
      wd: options.wd,
    });
    const name =
      TEMPORARY_PREFIX + randomBytes(9).toString("hex") + TEMPORARY_SUFFIX;
    const temporary = Buffer.concat([folderOf(target), Buffer.from(name)]);
    const handle = await this.#promises.open(
      temporary,
      "wx",
      job.mode === KEEP ? undefined : job.mode,
    );
    try {
      try {
        await handle.writeFile(
          data as string,
          {
            encoding: encodingOf(options),
            ...each,
          } as never,
        );
      } finally {
        await handle.close();
      }
      const request = requestOf(ops.replaceAtomic.code, job, shared);
      request.path = temporary;
      request.path2 = target;
      applyOptions(request, each);
      return await promised<Uint8Array>(this.#engine(), request);
    } catch (error) {
      await this.#promises.rm(temporary, { force: true });
      throw error;
    }
  }

  /** A link stays, and what it leads to is replaced. */
  async #realpath(file: Buffer, each: RequestOptions): Promise<Buffer> {
    try {
      return (await this.#promises.realpath(file, {
        encoding: "buffer",
        ...each,
      })) as unknown as Buffer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return each.wd == null ? file : await this.#named(file, each);
    }
  }

  /** A new file in a working directory, by the true name of its folder. */
  async #named(file: Buffer, each: RequestOptions): Promise<Buffer> {
    const folder = folderOf(file);
    const found = (await this.#promises.realpath(folder, {
      encoding: "buffer",
      ...each,
    })) as unknown as Buffer;
    const name = file.subarray(file.lastIndexOf("/") + 1);
    return Buffer.concat([found, Buffer.from("/"), name]);
  }
}

function readJob(given: unknown, options: AtomicOptions): Job {
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
  const from = startOf("options.wd", options.wd);
  if (from?.keeps === true)
    throw misuseError(
      "ERR_EIO_WD",
      "writeFileAtomic",
      "what it replaces could be led to out of the folder",
    );
  return { file, mode: accepted, durable, options, from };
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
const folderName = ({ file, from }: Job): string =>
  path.dirname(
    path.resolve(from?.path ?? "", bufferOf(file).toString("latin1")),
  );
