// What a door has beside its requests: control, as eio.h and IO::AIO have it, and groups. Requests themselves
// are in requests.gen.ts, which is made from their declarations.
import type { Stats } from "node:fs";
import type { eioConstants } from "./constants.ts";
import type { EioFeed, EioGroup } from "./group.ts";
import type {
  EioRequest,
  EioCallback,
  EioRequestOptions,
  EioWd,
} from "./request.ts";
import type { EioRequests } from "./requests.gen.ts";

export type { Stats };

export interface EioControl {
  /**
   * From now on results are delivered by eio_poll only. `want_poll` is called when there is something to poll,
   * `done_poll` when all was taken; neither may call the door. The door has an instance of its own then.
   */
  init(
    want_poll?: (() => void) | null,
    done_poll?: (() => void) | null,
  ): number;
  /** Begins anew: what was submitted before is not delivered any more. */
  reinit(): void;
  /**
   * Delivers what is done: 0 when nothing is left, -1 when a limit was reached, else the first number other
   * than 0 that a callback returned.
   */
  poll(): number;
  /** IO::AIO's name of eio_poll. */
  poll_cb(): number;
  /**
   * Waits until there is something to poll, or nothing is outstanding; above max_outstanding it polls, and
   * goes on waiting.
   */
  poll_wait(): Promise<void>;
  /** Waits until nothing is outstanding, and polls. */
  flush(): Promise<void>;
  /** A descriptor that can be read while there is something to poll. */
  poll_fileno(): number;
  /** Seconds that one poll may take; looked at after each callback. 0 is no limit. */
  set_max_poll_time(seconds: number): void;
  /** Callbacks that one poll may call; 0 is no limit. */
  set_max_poll_reqs(nreqs: number): void;
  /** At least so many workers may run: raises the most that there may be. */
  set_min_parallel(nthreads: number): void;
  /** At most so many workers run: lowers the most that there may be. 0 pauses execution. */
  set_max_parallel(nthreads: number): void;
  /** So many idle workers stay. */
  set_max_idle(nthreads: number): void;
  /** Seconds after which an idle worker beyond that leaves. */
  set_idle_timeout(seconds: number): void;
  /** More outstanding requests than this make poll_wait go on waiting; 0 is no limit. */
  max_outstanding(maxreqs: number): void;
  /** Raises the limit of open descriptors to at least this; throws where it may not. */
  min_fdlimit(limit?: number): boolean;
  /** Requests in flight: not delivered yet. */
  nreqs(): number;
  /** Requests that are yet to begin. */
  nready(): number;
  /** Requests done but not delivered. */
  npending(): number;
  /** Workers. */
  nthreads(): number;
  /** The priority of the next request that gives none; sets it, for that one request, where it is given. */
  pri(pri?: number): number;
  /** Lowers the priority of the next request by so much (below 0: raises it); returns what it was. */
  nice(nice?: number): number;
  /** IO::AIO's name of eio_pri. */
  aioreq_pri(pri?: number): number;
  /** IO::AIO's name of eio_nice. */
  aioreq_nice(nice?: number): number;
}

/** A request given in fields, for eio_submit. */
export interface EioDescription {
  /** The name of the request without `eio_`. */
  type: string;
  args?: readonly unknown[] | undefined;
  pri?: number | null | undefined;
  cb?: EioCallback<never, never> | null | undefined;
  data?: unknown;
  options?: EioRequestOptions | undefined;
}

export interface EioGroups {
  /** Opens a working directory on the caller's own thread; EIO_INVALID_WD where it cannot be. */
  wd_open_sync(path: string | Uint8Array | URL): EioWd;
  /** Lets a working directory go. */
  wd_close_sync(wd: EioWd): void;
  /** Submits a request that is given in fields; the functions by name do so themselves. */
  submit(description: EioDescription): EioRequest;
  /** What is yet to begin will not begin; what runs goes on. Its callback is called in either case. */
  cancel(req: EioRequest): void;
  /** A group: done when it is polled and all that was added is done. */
  grp<D = undefined>(
    cb?: ((grp: EioGroup<D>) => unknown) | null,
    data?: D,
  ): EioGroup<D>;
  /** Adds a request, or a group, to a group. Returns it. */
  grp_add<R extends EioRequest>(grp: EioGroup, req: R): R;
  /**
   * Calls `feed` whenever fewer than `limit` (2) requests of the group are active, until it adds none.
   * null takes the feed away.
   */
  grp_feed(grp: EioGroup, feed: EioFeed | null, limit?: number): void;
  /** How many requests a feed keeps active. */
  grp_limit(grp: EioGroup, limit: number): void;
  /** Cancels all that is in a group, and in groups in it, and takes its feed away; not the group. */
  grp_cancel(grp: EioGroup): void;
  /** The group's end: its result, and an errno. */
  grp_set(grp: EioGroup, result: number, errorno?: number): void;
  /** The result of a request. */
  RESULT(req: EioRequest): number;
  /** What a request made: as `req.value`. */
  BUF(req: EioRequest): unknown;
  /** The Stats of stat, lstat and fstat. */
  STAT_BUF(req: EioRequest): Stats;
  /** What statvfs and fstatvfs returned. */
  STATVFS_BUF(req: EioRequest): unknown;
  /** The path that a request was given. */
  PATH(req: EioRequest): unknown;
}

/** libeio on one instance. */
export interface EioDoor extends EioRequests, EioControl, EioGroups {
  readonly constants: typeof eioConstants;
}
