// Requests that wait are given a slot and handed to the backend, as many as there is room for.
import type { Backend } from "../backends/backend.ts";
import type { Request } from "../request/request.ts";
import { unheard } from "./completions.ts";
import { NO_ROOM, type InFlight } from "./in-flight.ts";
import type { Queue } from "./queue.ts";
import type { Results } from "./results.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Dispatcher {
  readonly backend: Backend;
  readonly scheduler: Scheduler | null;
  /** What is done holds room, and gives it away where others wait for it. */
  readonly results: Results;
}

/**
 * Answers whether any was handed over. What finds no room keeps back what is not above it; a higher
 * one has a ring of its own. `refused` is given what can never begin.
 */
export function dispatch(
  queue: Queue | Scheduler,
  flight: InFlight,
  { backend, scheduler, results }: Dispatcher,
  refused: (request: Request, errno: number) => void,
): boolean {
  let queued = false;
  let above = -1;
  for (
    let request = queue.take();
    request !== null;
    request = queue.take(above)
  ) {
    const apart = scheduler !== null && scheduler.isApart(request);
    const begun = flight.begin(request, backend, apart);
    if (begun === NO_ROOM) {
      const again = flight.full && results.makeRoom();
      queue.unshift(request);
      if (!again) above = request.level;
    } else if (begun < 0) {
      scheduler?.done(request, begun);
      refused(request, begun);
    } else {
      queued = true;
      if (request.settle === unheard) flight.leave(request);
    }
  }
  if (queued) scheduler?.sent();
  return queued;
}
