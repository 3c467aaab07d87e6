// Composites: groups whose members are made one after the other, as the outcome of each says. Written as a
// generator that yields members; it is broken off at its next member when the group is cancelled.
import { Request } from "../../../request/request.ts";
import { decodeNone } from "../../../request/results.ts";
import { ECANCELED } from "../../../request/request.ts";
import { ops, type OpName } from "../../../ops/table.ts";
import { fill, type Declaration, type Param } from "../declare.ts";
import type { Terms } from "../../terms.ts";
import type { Door } from "../door.ts";
import type { EioGroup } from "../group.ts";
import { type EioFeed } from "../group.ts";
import { numberOf, type EioRequest, type Tail } from "../request.ts";
import { basicRequests, type BasicName } from "../requests/basic.ts";

/** A member that failed, and with it the composite. */
export class Failed {
  readonly errorno: number;
  readonly makeError: (() => Error) | null;
  constructor(errorno: number, makeError: (() => Error) | null = null) {
    this.errorno = errorno;
    this.makeError = makeError;
  }
  static of({ errorno, makeError }: EioRequest): Failed {
    return new Failed(errorno, makeError);
  }
}

type Step<T> = Generator<EioRequest, T, EioRequest>;
/** Returns the composite's result. */
export type Composite = Step<number>;
export type Body = (go: Going, args: readonly unknown[]) => Composite;

/** What a composite's steps are taken with. */
export class Going {
  readonly grp: EioGroup;
  readonly #door: Door;
  readonly #tail: Tail;
  #advance: (settled: EioRequest) => void = () => {};

  constructor(door: Door, grp: EioGroup, tail: Tail) {
    this.#door = door;
    this.grp = grp;
    this.#tail = tail;
  }

  /** A member that has to go well. */
  *expect(name: BasicName, ...args: unknown[]): Step<EioRequest> {
    const req = yield* this.try(name, ...args);
    if (req.result < 0) throw Failed.of(req);
    return req;
  }

  /** A member that may fail. */
  *try(name: BasicName, ...args: unknown[]): Step<EioRequest> {
    this.check();
    return yield this.make(name, args, this.#advance);
  }

  /** A member that cleans up: also after a cancel, and when the time is over. */
  *always(name: BasicName, ...args: unknown[]): Step<EioRequest> {
    const { withoutEnd } = this.#tail.terms;
    return yield this.make(name, args, this.#advance, withoutEnd);
  }

  /** Another composite, as a member. It may fail. */
  *within(body: Body, ...args: unknown[]): Step<EioRequest> {
    this.check();
    return yield this.start(body, args, this.#advance);
  }

  /** Another composite that cleans up: also after a cancel, and when the time is over. */
  *cleanup(body: Body, ...args: unknown[]): Step<EioRequest> {
    const { withoutEnd } = this.#tail.terms;
    return yield this.start(body, args, this.#advance, withoutEnd);
  }

  /** A group that is fed; its members' outcomes are the feed's own business. */
  *fed(feed: EioFeed, limit: number): Step<EioRequest> {
    this.check();
    const { terms } = this.#tail;
    const grp = this.#door.group("grp", this.#tailFor(this.#advance, terms));
    grp.feed(feed, limit);
    return yield grp;
  }

  make(
    name: BasicName,
    args: unknown[],
    finish: (req: EioRequest) => void,
    terms = this.#tail.terms,
  ): EioRequest {
    const { start } = basicRequests[name] as Declaration;
    return start(this.#door, name, args, this.#tailFor(finish, terms));
  }

  start(
    body: Body,
    args: readonly unknown[],
    finish: (req: EioRequest) => void,
    terms = this.#tail.terms,
  ): EioGroup {
    return compose(
      this.#door,
      this.grp.type,
      args,
      this.#tailFor(finish, terms),
      body,
    );
  }

  check(): void {
    if (this.grp.cancelled) throw new Failed(numberOf(ECANCELED));
  }

  run(steps: Composite): void {
    const advance = (settled: EioRequest | undefined): void => {
      try {
        const next = steps.next(settled as EioRequest);
        if (next.done) this.grp.result = next.value;
        else this.grp.add(next.value);
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        this.grp.result = -1;
        this.grp.errorno = error.errorno;
        this.grp.makeError = error.makeError;
      }
    };
    this.#advance = advance;
    advance(undefined);
  }

  #tailFor(finish: (req: EioRequest) => void, terms: Terms): Tail {
    const { pri, options } = this.#tail;
    const { wd, encoding } = options;
    return {
      pri,
      finish: finish as Tail["finish"],
      data: undefined,
      options: { wd, encoding },
      terms,
    };
  }
}

function compose(
  door: Door,
  type: string,
  args: readonly unknown[],
  tail: Tail,
  body: Body,
): EioGroup {
  const grp = door.group(type, tail);
  const going = new Going(door, grp, tail);
  going.run(body(going, args));
  return grp;
}

const ORDER = ["path", "path2", "a", "b"] as const;

/** With an encoding, names come in it whatever the caller gave. */
export function composite(
  params: readonly Param[],
  does: readonly OpName[],
  about: string,
  value: string,
  body: Body,
  encoding?: "buffer",
): Declaration {
  return {
    params,
    about,
    value,
    group: true,
    ops: does,
    start(door, type, args, tail) {
      // Wrong arguments are reported now; what is wrong with the right ones, by the first member.
      const checked = new Request(ops.nop.code, decodeNone, () => 0);
      const paths = params.filter(([, kind]) => kind === "path").length;
      const order = [...ORDER.slice(0, paths), ...ORDER.slice(2)];
      fill(checked, params, order, args, tail);
      const options = { ...tail.options, ...(encoding && { encoding }) };
      const grp = compose(door, type, args, { ...tail, options }, body);
      grp.path = checked.path ?? undefined;
      return grp;
    },
  };
}
