// Who takes the requests of a call: the engine, or a scope in front of it (a working directory, a group). It is all that the
// calls know of an engine; what a request is for is not known here.
import type { MemoryBudget } from "../engine/memory-budget.ts";
import type { Allocator } from "../request/allocator.ts";
import type { Memory } from "../request/memory.ts";
import type { Request } from "../request/request.ts";
import {
  scopeTerms,
  type HasTerms,
  type RequestWithTerms,
  type Terms,
} from "./terms.ts";

export interface Submitter extends HasTerms {
  submit(request: RequestWithTerms): void;
  /** Ends a request now; false: it has ended already. */
  cancel(request: Request, reason: unknown): boolean;
  /** Keeps the process alive until the returned function is called; `giveUp`: the instance closes first. */
  awaitOrphan(giveUp: () => void): () => void;
  /** Calls when the instance is closed, at once if it is, until the returned function is called. */
  onClose(listener: (error: Error) => void): () => void;
  /** Whether a request may work on its caller's own memory, of whatever size. */
  readonly lends: boolean;
  readonly memory: Memory;
  readonly allocator: Allocator;
  /** The ceiling on memory; null: there is none. */
  readonly memoryBudget: MemoryBudget | null;
  /** Of a scope: who is behind it. */
  readonly behind?: Submitter;
  /** Whether one result may be for several requests; true where nothing else is said. */
  readonly shares?: boolean;
}

export interface Scope {
  /** What a call is given where it names nothing. */
  readonly terms: Terms;
  /** Not where each request is counted. */
  readonly shares: boolean;
  /** What to do with a request; the default hands it on. */
  submit?(behind: Submitter, request: RequestWithTerms): void;
}

/** Calls through it get the scope's terms where they name none, and the scope sees what they submit. */
export class ScopedSubmitter implements Submitter {
  readonly [scopeTerms]: Terms;
  readonly behind: Submitter;
  readonly shares: boolean;
  readonly #scope: Scope;

  constructor(behind: Submitter, scope: Scope) {
    this.behind = behind;
    this.shares = scope.shares;
    this[scopeTerms] = scope.terms;
    this.#scope = scope;
  }

  submit(request: RequestWithTerms): void {
    if (this.#scope.submit === undefined) this.behind.submit(request);
    else this.#scope.submit(this.behind, request);
  }
  cancel(request: Request, reason: unknown): boolean {
    return this.behind.cancel(request, reason);
  }
  awaitOrphan(giveUp: () => void): () => void {
    return this.behind.awaitOrphan(giveUp);
  }
  onClose(listener: (error: Error) => void): () => void {
    return this.behind.onClose(listener);
  }
  get lends(): boolean {
    return this.behind.lends;
  }
  get memory(): Memory {
    return this.behind.memory;
  }
  get allocator(): Allocator {
    return this.behind.allocator;
  }
  get memoryBudget(): MemoryBudget | null {
    return this.behind.memoryBudget;
  }
}
