// An engine as seen from a scope (a working directory, a group): calls through it get the scope's terms
// where they name none, and the scope sees what they submit. It knows neither folders nor groups.
import type { Engine } from "../../engine/engine.ts";
import { scopeTerms, type RequestWithTerms, type Terms } from "../terms.ts";

export interface Scope {
  /** What a call is given where it names nothing. */
  readonly terms: Terms;
  submit(engine: Engine, request: RequestWithTerms): void;
  /** Whether one result may be for several requests: not where each is counted. */
  readonly shares: boolean;
}

const scopes = new WeakMap<Engine, Scope>();

export function engineIn(engine: Engine, scope: Scope): Engine {
  const scoped = Object.create(engine, {
    [scopeTerms]: { value: scope.terms },
    submit: {
      value: (request: RequestWithTerms) => scope.submit(engine, request),
    },
    allocator: { get: () => engine.allocator },
  }) as Engine;
  scopes.set(scoped, scope);
  return scoped;
}

export const scopeOf = (engine: Engine): Scope | undefined =>
  scopes.get(engine);
