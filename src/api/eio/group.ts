// Groups: requests that are one request for whoever waits. A group is done when it is polled and has
// no member left. It knows its members as requests, not what they do.
//
//   polled: no member --> ended        polled: members --> delayed --the last one ends--> ended
import { misuseError } from "../../util/errors.ts";
import { List } from "../../util/list.ts";
import { invalidArgType } from "../argument-errors.ts";
import { EioRequest } from "./request.ts";

/**
 * Adds requests to the group that it is given; one that adds none is not called again. Where it returns a promise, it is
 * done when that is.
 */
export type EioFeed = (grp: EioGroup) => unknown;

/** Where nothing else was given, so many members of a group that is fed are active at once. */
const FEED_LIMIT = 2;
const EINVAL = 22;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === "function";

/** A group of requests, which ends when all of its members have (eio_grp). */
export class EioGroup<D = unknown, V = unknown> extends EioRequest<D, V> {
  readonly #members = new List<EioRequest>();
  #feed: EioFeed | null = null;
  #limit = FEED_LIMIT;
  #added = false;
  /** The promise of a feed that is not done yet: the group waits for it. */
  #feeding: PromiseLike<unknown> | null = null;
  /** Polled while there were members: the last one's end is its own. */
  #delayed = false;

  /** How many members are still under way. */
  get size(): number {
    return this.#members.length;
  }

  /** Adds a request, or a group, that is still under way. Returns it. */
  add<R extends EioRequest>(request: R): R {
    if (!(request instanceof EioRequest))
      throw invalidArgType("request", "an instance of EioRequest", request);
    if (this.finished) throw misuseError("ERR_EIO_GROUP", "the group is done");
    if (request.finished)
      throw misuseError("ERR_EIO_GROUP", "the request is done");
    if (request.grp !== null)
      throw misuseError("ERR_EIO_GROUP", "the request is already in a group");
    let above: EioRequest | null = this.grp;
    while (above !== null && above !== request) above = above.grp;
    if (above === request || (request as EioRequest) === this)
      throw misuseError("ERR_EIO_GROUP", "a group cannot be in itself");
    this.#added = true;
    this.#members.push(request);
    request.grp = this;
    return request;
  }

  /**
   * Calls `feed` whenever fewer than `limit` members are active, as long as it adds some. A limit of 0 pauses it, until
   * limit() says otherwise; without one the last limit holds, or 2.
   */
  feed(
    feed: EioFeed | null,
    limit = this.#limit > 0 ? this.#limit : FEED_LIMIT,
  ): void {
    if (feed !== null && typeof feed !== "function")
      throw invalidArgType("feed", "of type function", feed);
    this.#feed = feed;
    this.limit(limit);
  }

  /** How many members a feed keeps active. */
  limit(limit: number): void {
    if (typeof limit !== "number")
      throw invalidArgType("limit", "of type number", limit);
    this.#limit = limit;
    this.#tryFeed();
  }

  /** Cancels all members, and theirs; not the group. None are fed after that. */
  cancelMembers(): void {
    this.#feed = null;
    this.#feeding = null;
    // A member ends later, in its turn, and is still in the list meanwhile.
    for (let one = this.#members.first; one !== null; one = one.next)
      this.door.cancel(one);
    if (this.#isOver()) this.door.endGroup(this);
  }

  /** Sets the group's result. */
  set(result: number, errorno = 0): void {
    this.result = result;
    this.errorno = errorno;
  }

  /** @internal Its turn has come: true if that is its end. */
  polled(): boolean {
    this.#delayed = true;
    return this.#isOver();
  }

  /** @internal A member has ended: true if that is the group's end, too. A feed that throws then is its error. */
  left(member: EioRequest): boolean {
    this.#members.remove(member);
    try {
      this.#tryFeed();
    } catch {
      // Nobody is there to catch it: the group's callback has it.
    }
    return this.#isOver();
  }

  #isOver(): boolean {
    const busy = this.#members.length !== 0 || this.#feeding !== null;
    return !busy && this.#delayed && !this.finished;
  }

  #fail(error: unknown): void {
    const { errno } = error as NodeJS.ErrnoException;
    this.set(-1, typeof errno === "number" && errno < 0 ? -errno : EINVAL);
    this.makeError = () => error as Error;
  }

  #tryFeed(): void {
    while (this.#mayFeed()) {
      this.#added = false;
      const feed = this.#feed!;
      let returned: unknown;
      try {
        returned = feed(this);
      } catch (error) {
        this.#unfeed(feed);
        this.#fail(error);
        throw error;
      }
      if (isPromise(returned)) this.#await(feed, returned);
      else if (!this.#added) this.#unfeed(feed);
    }
  }

  #mayFeed(): boolean {
    const wanted = this.#feed !== null && this.#feeding === null;
    return wanted && this.size < this.#limit && !this.cancelled;
  }

  /** It may have put another one in its place. */
  #unfeed(feed: EioFeed): void {
    if (this.#feed === feed) this.#feed = null;
  }

  #await(feed: EioFeed, promise: PromiseLike<unknown>): void {
    this.#feeding = promise;
    const settled = (failure: { error: unknown } | null): void => {
      // The group was cancelled meanwhile.
      if (this.#feeding !== promise) return;
      this.#feeding = null;
      if (failure !== null || !this.#added) this.#unfeed(feed);
      if (failure !== null) this.#fail(failure.error);
      else
        try {
          this.#tryFeed();
        } catch {
          // As above.
        }
      if (this.#isOver()) this.door.endGroup(this);
    };
    promise.then(
      () => settled(null),
      (error: unknown) => settled({ error }),
    );
  }
}
