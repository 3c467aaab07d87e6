// An engine as seen from a scope: what is submitted through it is changed on its way (it starts in a
// folder, it belongs to a group). It knows neither folders nor groups.
import type { Engine } from "../../engine/engine.ts";
import type { Request } from "../../request/request.ts";
import { startOf, type Start } from "./start.ts";

export interface Scope {
  submit(engine: Engine, request: Request): void;
  /** Where paths start here, unless told. */
  readonly start: Start | null;
  /** Whether one answer may be for several requests: not where each is counted. */
  readonly shares: boolean;
}

const scopes = new WeakMap<Engine, Scope>();

export function engineIn(engine: Engine, scope: Scope): Engine {
  const scoped = Object.create(engine, {
    submit: { value: (request: Request) => scope.submit(engine, request) },
    allocator: { get: () => engine.allocator },
  }) as Engine;
  scopes.set(scoped, scope);
  return scoped;
}

export const scopeOf = (engine: Engine): Scope | undefined =>
  scopes.get(engine);

/** Where a call's paths start: as its options say, else as the scope does. */
export function startFor(engine: Engine, options: unknown): Start | null {
  const { wd } = (options ?? {}) as { wd?: unknown };
  return startOf("options.wd", wd) ?? scopes.get(engine)?.start ?? null;
}
