// A request as libeio's users see it: what they gave, and after its end result, errno and what was
// made. It knows neither the engine nor how any request is done.
import { getSystemErrorName } from "node:util";
import os from "node:os";
import type { AsyncResource } from "node:async_hooks";
import { errnoOf } from "../../request/errors.ts";
import { eioConstants } from "./constants.ts";
import type { Request } from "../../request/request.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Terms } from "../terms.ts";
import type { HasStart } from "../working-directories/start.ts";

/**
 * Called when a request is done. In manual mode a number other than 0 ends the poll, which then
 * returns it.
 */
export type EioCallback<D = unknown, V = unknown> = (
  req: EioRequest<D, V>,
) => unknown;

/** Makes of a request of the engine's that went well what its caller is given. */
export type End = (req: EioRequest, request: Request) => void;

/** What requests need of the door that they went through. */
export interface Doorway {
  /** How often it began anew; requests of an earlier time are not delivered. */
  readonly age: number;
  /** Whether what a callback throws goes through poll() to who called it; else it is an uncaught exception. */
  readonly throws: boolean;
  /** One of its requests has ended. */
  left(): void;
  cancel(req: EioRequest): void;
  /** A group is over without one of its members having ended: it is delivered in its turn. */
  endGroup(grp: EioRequest): void;
}

/** What is given behind a request's own arguments. */
export interface Tail {
  pri: number;
  finish: EioCallback<never, never> | null;
  data: unknown;
  options: EioRequestOptions;
  /** Of all requests of the engine's that it takes. */
  terms: Terms;
}

/** What libeio lacks: a last argument, behind `data`. */
export interface EioRequestOptions extends Pick<
  RequestOptions,
  "lane" | "cache"
> {
  /** Where paths start that do not name their own working directory. */
  wd?: EioWd | null | undefined;
  /** Ends the request with ECANCELED: at once, other than eio_cancel. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the request ends with ETIMEDOUT, a composite with all of its members. */
  timeout?: number | undefined;
  /** What names, links and paths in results are: text, or bytes. */
  encoding?: "utf8" | "buffer" | undefined;
}

/** What eio_wd_open or eio.wd() gives; or EIO_INVALID_WD. null is EIO_CWD. */
export type EioWd = HasStart | symbol;

/** An entry of a folder. */
export interface EioDirent<Name = string> {
  name: Name;
  /** EIO_DT_*. */
  type: number;
  inode: number;
}

const DENTS = eioConstants.EIO_READDIR_DENTS;

/** The system's number for an error, above 0. */
export const numberOf = (result: number): number => {
  if (process.platform !== "win32") return -result;
  const { errno } = os.constants;
  return errno[getSystemErrorName(result) as keyof typeof errno] ?? -result;
};

/** A request of the eio door: what it is, how it went, and `value` where it has one (eio_req). */
export class EioRequest<D = unknown, V = unknown> {
  /** Which request this is: the function's name without `eio_`. */
  readonly type: string;
  /** What it returned; -1 where it failed, and `errorno` says why. */
  result = 0;
  /** The system's number of the error, above 0; 0 where there is none. */
  errorno = 0;
  readonly pri: number;
  /** What the caller gave. */
  data: D;
  /** The first path as it was given, where there is one. */
  path: unknown = undefined;
  /** eio_seek: the new position. */
  offs = 0;
  /** readdir: the flags that were used, and READDIR_FOUND_UNKNOWN. */
  int1 = 0;
  /** The group that it is in. */
  grp: EioRequest | null = null;
  /** eio_cancel was called for it, or for its group. */
  cancelled = false;
  /** Its callback was called, or is being called. */
  finished = false;

  /** @internal Beside it in its group. */
  next: EioRequest | null = null;
  /** @internal */
  previous: EioRequest | null = null;
  /** @internal */
  readonly finish: Tail["finish"];
  /** @internal Names and texts are wanted as bytes. */
  readonly bytes: boolean;
  /** @internal What works for it now. */
  inner: Request | null = null;
  /** @internal What makes its value of a request of the engine's that went well, and what learns of one that did not. */
  end: End | null = null;
  /** @internal */
  failed: End | null = null;
  /** @internal */
  scope: AsyncResource | null = null;
  /** @internal */
  readonly door: Doorway;
  /** @internal The door's time of life in which it was made; see eio_reinit. */
  readonly age: number;
  /** @internal What made the error, for `error`. */
  makeError: (() => Error) | null = null;

  #value = undefined as V;
  /** Of what `value` is made when it is read, and how. */
  #kept: unknown = undefined;
  #make: ((kept: never) => V) | null = null;

  /** @internal */
  constructor(door: Doorway, type: string, tail: Tail) {
    this.door = door;
    this.age = door.age;
    this.type = type;
    this.pri = tail.pri;
    this.finish = tail.finish;
    this.data = tail.data as D;
    this.bytes = tail.options.encoding === "buffer";
  }

  /** What was made: Stats, names, a text, bytes; the buffer of a read or a write. */
  get value(): V {
    if (this.#make !== null) this.value = this.#make(this.#kept as never);
    return this.#value;
  }
  set value(value: V) {
    this.#value = value;
    this.#make = null;
    this.#kept = undefined;
  }
  /** @internal The value is to be made of this, should anybody read it. */
  keep<K>(kept: K, make: (kept: K) => unknown): void {
    this.#kept = kept;
    this.#make = make as (kept: never) => V;
  }

  /** `ENOENT`; undefined where nothing failed. */
  get code(): string | undefined {
    if (this.errorno === 0) return undefined;
    const { errno } = os.constants;
    for (const [name, number] of Object.entries(errno))
      if (number === this.errorno) return name;
    return undefined;
  }
  /** As `errorno`. */
  get errno(): number {
    return this.errorno;
  }
  /** An Error in Node's shape; undefined where nothing failed. */
  get error(): Error | undefined {
    return this.errorno === 0 ? undefined : this.makeError?.();
  }
  /** Of a folder: the names. */
  get names(): (string | Buffer)[] | undefined {
    const { value } = this as { value: unknown };
    if (!Array.isArray(value)) return undefined;
    return value.map((entry: string | Buffer | { name: string | Buffer }) =>
      typeof entry === "object" && "name" in entry ? entry.name : entry,
    );
  }
  /** Of a folder listed with READDIR_DENTS, or with stats: the entries. */
  get dents(): EioDirent<string | Buffer>[] | undefined {
    const { value } = this as { value: unknown };
    if ((this.int1 & DENTS) === 0 || !Array.isArray(value)) return undefined;
    const [first] = value as unknown[];
    const dents = first === undefined || typeof first === "object";
    return dents ? (value as EioDirent<string | Buffer>[]) : undefined;
  }
  /** libeio's: the path that was given. */
  get ptr1(): unknown {
    return this.path;
  }
  /** libeio's: as `value`. */
  get ptr2(): V {
    return this.value;
  }

  /** @internal Ends with an error. */
  fail(code: string, makeError: (() => Error) | null = null): void {
    this.result = -1;
    this.errorno = numberOf(errnoOf(code));
    this.makeError = makeError;
  }
}
