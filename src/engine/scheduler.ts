// Lanes in front of a backend: the queue of an engine that has lanes, which also places requests in
// them and reports to the backend how many workers are held. An engine without lanes has none of this.
import type { Backend } from "../backends/backend.ts";
import type { Request } from "../request/request.ts";
import { DEFAULT_LANE, SHARE } from "./default-lane.ts";
import { Lanes } from "./lanes.ts";
import type { EngineOptions } from "./options.ts";
import { LaneRouting } from "./routing.ts";
import type { Watchdog } from "./watchdog.ts";

export class Scheduler extends Lanes {
  readonly #routing: LaneRouting;
  #backend: Backend | null = null;
  #spare = 0;

  constructor({ ageing, apartMax, lanes, mounts }: EngineOptions) {
    super(ageing, apartMax);
    this.add(
      DEFAULT_LANE,
      lanes?.[DEFAULT_LANE] ?? {
        maxParallel: Infinity,
        share: SHARE,
        apart: false,
      },
    );
    for (const [name, limits] of Object.entries(lanes ?? {}))
      if (name !== DEFAULT_LANE) this.add(name, limits);
    this.#routing = new LaneRouting(this, mounts);
  }

  /** Throws for a lane that there is not. */
  place(request: Request): void {
    this.#routing.place(request);
  }

  /** The number of the lane that a path's requests go in. */
  laneOfPath(path: string): number {
    return this.#routing.ofPath(path);
  }

  isApart(request: Request): boolean {
    return this.at(request.lane).limits.apart;
  }

  nameOf(request: Request): string {
    return this.at(request.lane).name;
  }

  override done(request: Request, result = -1): void {
    super.done(request);
    this.#routing.done(request, result);
  }

  /** What takes the number of workers that are held, and what knows which requests hang. */
  attach(backend: Backend, watch: Watchdog): void {
    this.#backend = backend;
    watch.looked = (hung) => this.#looked(hung);
  }

  /** Requests were handed out: those of lanes apart bring workers with them. */
  sent(): void {
    const own = this.#own();
    this.#report(Math.max(own, this.#spare), own);
  }

  /** Workers are let go again only here, now and then: to start one costs more than to keep it. */
  #looked(hung: Request[]): void {
    for (const lane of this) lane.hung = 0;
    for (const { lane } of hung) this.at(lane).hung++;
    const own = this.#own();
    this.#report(own, own);
  }

  #own(): number {
    let sum = 0;
    for (const lane of this) if (lane.index !== 0) sum += lane.own;
    return sum;
  }

  /** What hangs in the default lane holds workers as well, and none may be started for it. */
  #report(spare: number, own: number): void {
    this.#spare = spare;
    this.#backend?.spare?.(spare, own + this.at(0).hung);
  }
}
