// writeFileAtomic(): the file has its old content or its new, whenever the process is killed and,
// where it is durable, whenever the power goes. It knows when one hop does, and not how it is done.
import { builtin } from "../../util/builtin.ts";
import path from "node:path";
import type { Submitter } from "../submitter.ts";
import {
  KEEP_MODE,
  atomicSteps,
  folderOf,
  temporaryName,
} from "../../ops/atomic.ts";
import { awaitSteps } from "../../ops/steps.ts";
import { ops } from "../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes } from "../../request/results.ts";
import { errnoOf, systemError } from "../../request/errors.ts";
import { acceptMode, acceptPath } from "../arguments.ts";
import { invalidArgType, invalidArgValue } from "../argument-errors.ts";
import { bytesOf } from "../descriptors/buffers.ts";
import type { Data } from "../descriptors/read-write-all.ts";
import { REFUSED, acceptEncoding } from "../encoding.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import { promised, settlePromise } from "../submit.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";
import { misuseError } from "../../util/errors.ts";
import { namedAs } from "./errors.ts";
import { FolderSync } from "./folder-sync.ts";
import { largeWrite } from "./large-write.ts";
import { Sweep } from "./sweep.ts";
import { thisWriter } from "./writers.ts";

export interface AtomicOptions extends RequestOptions {
  encoding?: BufferEncoding | undefined;
  /** The permissions of the file; by default those that it has, or 0o666 less the umask for a new one. */
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
  file: Buffer;
  temporary: Buffer;
  mode: number;
  durable: boolean;
  encoding: BufferEncoding;
  terms: Terms;
}

const checkOptions = ownOptions<AtomicOptions>({
  encoding: true,
  mode: true,
  durable: true,
});

const RANDOM_BYTES = 8;

export class AtomicWriter {
  readonly #engine: () => Submitter;
  readonly #folders: FolderSync;
  readonly #sweep: Sweep;

  constructor(engine: () => Submitter) {
    this.#engine = engine;
    this.#folders = new FolderSync(engine);
    this.#sweep = new Sweep(engine);
  }

  async write(
    file: unknown,
    data: unknown,
    given: BufferEncoding | AtomicOptions = {},
  ): Promise<void> {
    const options = typeof given === "string" ? { encoding: given } : given;
    checkOptions(options);
    const job = readJob(file, options, termsOf(this.#engine(), options));
    const bytes = bytesOf(data, job.encoding);
    if (bytes === null && !isIterable(data))
      throw invalidArgType(
        "data",
        "of type string or an instance of Buffer, TypedArray, DataView, Iterable, or AsyncIterable",
        data,
      );
    const name = folderName(job);
    const sharesSync = this.#folders.enter(name);
    const sweeping = this.#sweep.once(name, folderOf(job.file), job.terms);
    try {
      const folder =
        bytes !== null && bytes.byteLength <= DATA_MAX_BYTES
          ? await this.#inOneHop(job, bytes, sharesSync)
          : await this.#inPieces(
              job,
              bytes ?? (data as Data["data"]),
              sharesSync,
            );
      if (job.durable && sharesSync)
        await namedAs(job.file, this.#folders.sync(folder));
    } finally {
      this.#folders.leave(name);
      await sweeping;
    }
  }

  /** The folder, where it is still to be synced. */
  #inOneHop(
    job: Job,
    bytes: Uint8Array,
    sharesSync: boolean,
  ): Promise<Uint8Array> {
    const code = ops.spewAtomic.code;
    const request = new Request(code, decodeBytes, settlePromise);
    request.path = job.file;
    request.path2 = job.temporary;
    request.a = job.mode;
    request.b = job.durable ? 1 : 0;
    request.c = sharesSync ? 0 : 1;
    request.data = bytes;
    const termed = applyTerms(request, job.terms);
    return namedAs(job.file, promised(this.#engine(), termed));
  }

  #inPieces(
    { file, temporary, mode, durable, encoding, terms }: Job,
    data: Data["data"],
    sharesSync: boolean,
  ): Promise<Uint8Array> {
    return awaitSteps(
      atomicSteps({ path: file, temporary, mode, durable, sharesSync }),
      largeWrite(this.#engine(), file, { data, encoding, flush: false }, terms),
    );
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
  // It would be replaced by a file of the folder above.
  if (file.length === 0) throw systemError(errnoOf("ENOENT"), "open", "");
  const { mode, durable = true } = options;
  if (typeof durable !== "boolean")
    throw invalidArgType("options.durable", "of type boolean", durable);
  const accepted = mode === undefined ? KEEP_MODE : acceptMode(mode, KEEP_MODE);
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
      "the file that it replaces could be outside of the folder",
    );
  const bytes = bufferOf(file);
  const random = builtin("node:crypto")
    .randomBytes(RANDOM_BYTES)
    .toString("hex");
  const name = Buffer.from(temporaryName(thisWriter(), random));
  const temporary = Buffer.concat([folderOf(bytes), name]);
  const encoding = encodingOf(options);
  return { file: bytes, temporary, mode: accepted, durable, encoding, terms };
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

function isIterable(data: unknown): boolean {
  if (typeof data === "string") return true;
  if (data === null || typeof data !== "object") return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

const bufferOf = (file: string | Uint8Array): Buffer =>
  typeof file === "string" ? Buffer.from(file) : Buffer.from(file);

/** What the folder is called here: only to see whether others write there at the same time. */
const folderName = ({ file, terms }: Job): string =>
  path.dirname(path.resolve(terms.wd?.path ?? "", file.toString("latin1")));
