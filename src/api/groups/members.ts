// What a group has under way: requests, functions and groups of its own, and who waits until there
// is nothing left. It knows how each is ended, not what any of them does.
import { Aborted } from "../../engine/cancel.ts";
import type { Submitter } from "../submitter.ts";
import type { Request } from "../../request/request.ts";
import type { RequestWithTerms } from "../terms.ts";

/** Something that can be made to end. */
interface Child {
  cancel(reason: unknown): void;
}

export class Members {
  readonly #requests = new Map<Request, Submitter>();
  readonly #children = new Set<Child>();
  #count = 0;
  #idle: (() => void)[] = [];

  /** What was begun and is still under way, in the group and in those below it. */
  get count(): number {
    return this.#count;
  }

  /** One more is under way until the returned function is called. */
  begin(): () => void {
    this.#count++;
    return () => {
      if (--this.#count !== 0) return;
      const idle = this.#idle;
      this.#idle = [];
      for (const notify of idle) notify();
    };
  }

  adopt(child: Child): () => void {
    this.#children.add(child);
    return () => void this.#children.delete(child);
  }

  /** Submits it as a member. What only lets go of something is not ended by a cancel. */
  submit(
    engine: Submitter,
    request: RequestWithTerms,
    ends: boolean,
    up: () => () => void,
  ): void {
    const done = up();
    const { settle } = request;
    if (ends) this.#requests.set(request, engine);
    request.settle = (settled) => {
      this.#requests.delete(request);
      request.settle = settle;
      settle(settled);
      done();
    };
    try {
      engine.submit(request);
    } catch (error) {
      this.#requests.delete(request);
      request.settle = settle;
      done();
      throw error;
    }
  }

  cancel(reason: unknown): void {
    const why = new Aborted(reason);
    for (const [request, engine] of [...this.#requests])
      engine.cancel(request, why);
    for (const child of [...this.#children]) child.cancel(reason);
  }

  async whenIdle(): Promise<void> {
    while (this.#count !== 0)
      await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
