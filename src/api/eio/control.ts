// How libeio's users steer: who polls, how much at once, how many workers, and what there is. It knows numbers
// and instances, not requests.
import { raiseFdLimit } from "../../backends/fd-limit.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import type { Instance } from "../instance/instance.ts";
import { integer } from "../sys/check.ts";
import type { EioInstance } from "./eio-instance.ts";
import type { Door } from "./door.ts";
import { priorityOf } from "./trailing-arguments.ts";
import type { EioControl } from "./types.ts";

type Edge = () => void;
const MS_PER_S = 1000;
const INT_MAX = 0x7fffffff;

function edgeOf(name: string, edge: unknown): Edge | null {
  if (edge === undefined || edge === null) return null;
  if (typeof edge !== "function")
    throw invalidArgType(name, "of type function", edge);
  return edge as Edge;
}

const count = (name: string, value: unknown): number =>
  integer(name, value, 0, INT_MAX);

function milliseconds(name: string, seconds: unknown): number {
  if (typeof seconds !== "number")
    throw invalidArgType(name, "of type number", seconds);
  if (!(seconds >= 0 && seconds * MS_PER_S <= INT_MAX))
    throw outOfRange(name, `>= 0 && <= ${INT_MAX / MS_PER_S}`, seconds);
  return seconds * MS_PER_S;
}

export function controlCalls(door: Door, behind: EioInstance): EioControl {
  let edges: [Edge | null, Edge | null] = [null, null];
  let maxOutstanding = Infinity;
  const engine = (): Instance["engine"] => behind.instance.engine;

  const begin = (): void => {
    door.manual = door.throws = true;
    behind.manual(
      () => {
        door.notifyWaiting();
        edges[0]?.();
      },
      edges[1] ?? (() => {}),
    );
  };
  const poll = (): number => engine().poll();
  /** What a callback throws is no failure of who waits: it surfaces as where the loop polls, and the rest goes on. */
  const pollForWaiting = (): void => {
    door.throws = false;
    try {
      poll();
    } finally {
      door.throws = door.manual;
    }
  };
  /** There is something to poll, or (where the loop polls) something was delivered, or nothing is left. */
  const somethingDone = (): Promise<void> =>
    door.outstanding === 0 || (door.manual && engine().npending > 0)
      ? Promise.resolve()
      : door.nextDone();
  const ceiling = (n: number): void =>
    behind.instance.setLimits({
      maxParallel: Math.min(n, engine().memory.sizes.workersMax),
    });
  const nextPri = (change: (pri: number) => number): number => {
    const pri = door.nextPri;
    door.nextPri = change(pri);
    return pri;
  };
  const pri = (value?: number): number =>
    nextPri((now) => (value === undefined ? now : priorityOf("pri", value)));
  const nice = (value = 0): number => {
    const by = priorityOf("nice", value);
    return nextPri((now) => priorityOf("nice", now - by));
  };

  return {
    init(wantPoll, donePoll) {
      const want = edgeOf("want_poll", wantPoll);
      edges = [want, edgeOf("done_poll", donePoll)];
      begin();
      return 0;
    },
    reinit() {
      door.beginAnew();
      if (door.manual) begin();
    },
    poll,
    poll_cb: poll,
    async poll_wait() {
      await somethingDone();
      while (door.outstanding > maxOutstanding) {
        pollForWaiting();
        await somethingDone();
      }
    },
    async flush() {
      while (door.outstanding > 0) {
        await somethingDone();
        pollForWaiting();
      }
    },
    poll_fileno: () => engine().pollFd,

    set_max_poll_time(seconds) {
      engine().budget.timeMs = milliseconds("seconds", seconds);
    },
    set_max_poll_reqs(nreqs) {
      engine().budget.reqsMax = count("nreqs", nreqs);
    },
    set_min_parallel(nthreads) {
      const { maxParallel } = behind.instance.limits;
      const wanted = count("nthreads", nthreads);
      if (wanted > maxParallel) ceiling(wanted);
    },
    set_max_parallel(nthreads) {
      const { maxParallel } = behind.instance.limits;
      const wanted = count("nthreads", nthreads);
      if (wanted < maxParallel) ceiling(wanted);
    },
    set_max_idle(nthreads) {
      behind.instance.setLimits({ maxIdle: count("nthreads", nthreads) });
    },
    set_idle_timeout(seconds) {
      const idleTimeoutMs = Math.ceil(milliseconds("seconds", seconds));
      behind.instance.setLimits({ idleTimeoutMs });
    },
    max_outstanding(maxreqs) {
      maxOutstanding = count("maxreqs", maxreqs) || Infinity;
    },
    min_fdlimit(limit) {
      raiseFdLimit(limit === undefined ? INT_MAX : count("limit", limit));
      return true;
    },

    nreqs: () => engine().nreqs,
    nready: () => engine().nready,
    npending: () => engine().npending,
    nthreads: () => engine().nthreads,

    pri,
    nice,
    aioreq_pri: pri,
    aioreq_nice: nice,
  };
}
