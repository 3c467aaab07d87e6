// The gate on descriptors, with a clock and a host of the test's own: which requests wait, in which order
// they go on, and when they fail.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FdGate, type Clock } from "../../src/engine/waiting.ts";
import { ops } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";

const EMFILE = -24;
const EACCES = -13;
const LIMIT = 64;
const WAIT_MS = 60_000;

class FakeClock implements Clock {
  #now = 0;
  #timers = new Map<object, [at: number, call: () => void]>();
  now(): number {
    return this.#now;
  }
  after(ms: number, call: () => void): () => void {
    const key = {};
    this.#timers.set(key, [this.#now + ms, call]);
    return () => this.#timers.delete(key);
  }
  get armed(): number {
    return this.#timers.size;
  }
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, [at]]) => at <= end)
        .sort(([, [a]], [, [b]]) => a - b)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = due[1][0];
      due[1][1]();
    }
    this.#now = end;
  }
}

function setUp({ always = true, returning = 0 } = {}) {
  const clock = new FakeClock();
  const again: Request[] = [];
  const givenUp: Request[] = [];
  const flight = { returning };
  const warnings: number[] = [];
  const turns: (() => void)[] = [];
  const host = {
    afterTurn: (call: () => void) => void turns.push(call),
    again: (request: Request) => void again.push(request),
    finish: (request: Request) => void givenUp.push(request),
    returning: () => flight.returning,
    warn: (waiting: number) => void warnings.push(waiting),
  };
  const options = { limit: LIMIT, waitMs: WAIT_MS, always };
  const gate = new FdGate(host, options, clock);
  const make = (): Request =>
    new Request(ops.open.code, decodeNone, () => undefined);
  const failed = (): Request => {
    const request = make();
    expect(gate.ended(request, EMFILE, true)).toBe(true);
    gate.kept();
    return request;
  };
  /** The callers of what has ended so far have been called back. */
  const endTurn = (): void => turns.splice(0).forEach((call) => call());
  const seen = { again, givenUp, warnings, endTurn };
  return { clock, gate, make, failed, flight, ...seen };
}

describe("a gate that waits only for descriptors that are sure to come back", () => {
  const job = (): Request =>
    new Request(ops.slurp.code, decodeNone, () => undefined);
  const close = (fd: number): Request => {
    const request = new Request(ops.close.code, decodeNone, () => undefined);
    request.fd = fd;
    return request;
  };

  it("lets an open that failed try once more", () => {
    const { gate, failed, make, again } = setUp({ always: false });
    const first = failed();
    expect(again).toEqual([first]);
    expect(gate.ended(first, EMFILE, true)).toBe(false);
    expect(gate.admits(make())).toBe(true);
    expect(gate.size).toBe(0);
  });

  it("fails all waiting requests once there is nothing left to wait for", () => {
    const { gate, failed, again, flight, clock, endTurn } = setUp({
      always: false,
      returning: 1,
    });
    const all = [failed(), failed(), failed()];
    flight.returning = 0;
    clock.pass(10);
    for (const [i, request] of all.entries()) {
      expect(again).toEqual(all.slice(0, i + 1));
      expect(gate.ended(request, EMFILE, true)).toBe(false);
      endTurn();
    }
    expect(gate.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  it("tries the next request only after the caller of the one that failed, which may close its files", () => {
    const { gate, failed, make, again, endTurn } = setUp({ always: false });
    const first = failed();
    const second = make();
    expect(gate.ended(second, EMFILE, true)).toBe(true);
    gate.kept();
    expect(gate.ended(first, EMFILE, true)).toBe(false);
    expect(again).toEqual([first]);
    endTurn();
    expect(again).toEqual([first, second]);
    expect(gate.ended(second, 7, true)).toBe(false);
    expect(gate.size).toBe(0);
  });

  it("lets an open that would keep its descriptor fail before a job that gives it back, once", () => {
    const { gate, make, again, endTurn } = setUp({ always: false });
    const [reads, opens, later] = [job(), make(), make()];
    expect(gate.keeps(reads, EMFILE)).toBe(true);
    gate.kept();
    expect(gate.keeps(opens, EMFILE)).toBe(true);
    expect(gate.keeps(reads, EMFILE)).toBe(true);
    gate.kept();
    expect(again).toEqual([reads, opens]);
    expect(gate.keeps(opens, EMFILE)).toBe(false);
    endTurn();
    expect(again).toEqual([reads, opens, reads]);
    expect(gate.admits(later)).toBe(true);
    expect(gate.keeps(later, EMFILE)).toBe(true);
    expect(gate.keeps(reads, EMFILE)).toBe(false);
    endTurn();
    expect(again).toEqual([reads, opens, reads, later]);
    expect(gate.keeps(later, EMFILE)).toBe(false);
    expect(gate.size).toBe(0);
  });

  it("waits while a job is in flight, and goes on when it ends", () => {
    const { gate, failed, again, flight, clock } = setUp({
      always: false,
      returning: 1,
    });
    const first = failed();
    clock.pass(10);
    expect(again).toEqual([first]);
    expect(gate.ended(first, EMFILE, true)).toBe(true);
    expect(gate.keeps(job(), 5)).toBe(false);
    flight.returning = 0;
    expect(again).toEqual([first, first]);
    expect(gate.ended(first, 7, true)).toBe(false);
  });

  it("does not expect the failed job itself to give a descriptor back", () => {
    const { gate, again, flight } = setUp({ always: false, returning: 1 });
    const last = job();
    expect(gate.keeps(last, EMFILE)).toBe(true);
    flight.returning = 0;
    gate.kept();
    expect(again).toEqual([last]);
    flight.returning = 1;
    expect(gate.keeps(last, EMFILE)).toBe(false);
  });

  it("waits while an operation of several steps has a file open", () => {
    const { gate, make, failed, again } = setUp({ always: false });
    const passing = make();
    passing.passing = true;
    expect(gate.ended(passing, 9, true)).toBe(false);
    const first = failed();
    expect(again).toEqual([]);
    gate.keeps(close(9), 0);
    expect(again).toEqual([first]);
    expect(gate.ended(first, EMFILE, true)).toBe(false);
  });

  it("keeps no descriptors in reserve", () => {
    const { gate, make } = setUp({ always: false });
    expect(gate.ended(make(), LIMIT - 1, true)).toBe(false);
    expect(gate.admits(make())).toBe(true);
  });
});

describe("a gate that always waits", () => {
  it("warns once, when a request has waited for a second", () => {
    const { gate, failed, again, clock, warnings } = setUp();
    failed();
    failed();
    for (let ms = 0; ms < 5000; ms += 10) {
      clock.pass(10);
      for (const request of again.splice(0)) gate.ended(request, EMFILE, true);
      if (clock.now() < 1000) expect(warnings).toEqual([]);
    }
    expect(warnings).toEqual([2]);
  });

  it("is open while there are descriptors", () => {
    const { gate, make, clock } = setUp();
    expect(gate.admits(make())).toBe(true);
    expect(gate.ended(make(), 20, true)).toBe(false);
    expect(gate.ended(make(), EACCES, true)).toBe(false);
    expect(gate.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  it("keeps an open that failed and all later ones, in order", () => {
    const { gate, make, failed, again } = setUp();
    const first = failed();
    const second = make();
    expect(gate.admits(second)).toBe(false);
    gate.freed();
    expect(again).toEqual([first]);
    expect(gate.ended(first, 9, true)).toBe(false);
    expect(again).toEqual([first, second]);
    expect(gate.size).toBe(0);
  });

  it("lets one request through per descriptor that is closed", () => {
    const { gate, failed, again } = setUp();
    const all = [failed(), failed(), failed()];
    gate.freed();
    gate.freed();
    expect(again).toEqual(all.slice(0, 2));
  });

  it("puts a request that fails again back in front", () => {
    const { gate, failed, again } = setUp();
    const [first] = [failed(), failed()];
    gate.freed();
    expect(gate.ended(first, EMFILE, true)).toBe(true);
    gate.freed();
    expect(again).toEqual([first, first]);
  });

  it("tries now and then, less and less often, because others close descriptors too", () => {
    const { gate, failed, again, clock } = setUp();
    failed();
    failed();
    const looks: number[] = [];
    for (let ms = 0; ms < 2000; ms++) {
      const before = again.length;
      clock.pass(1);
      if (again.length === before) continue;
      looks.push(clock.now());
      gate.ended(again.at(-1)!, EMFILE, true);
    }
    expect(looks).toEqual([10, 30, 70, 150, 310, 630, 1130, 1630]);
  });

  it("leaves the last descriptors to others for a moment", () => {
    const { gate, make, again, clock } = setUp();
    expect(gate.ended(make(), LIMIT - 3, true)).toBe(false);
    const next = make();
    expect(gate.admits(next)).toBe(false);
    clock.pass(10);
    expect(again).toEqual([next]);
    gate.ended(next, LIMIT - 2, true);
    gate.freed();
    expect(gate.admits(make())).toBe(true);
  });

  it("fails a request that has waited in vain for waitMs", () => {
    const { gate, failed, make, givenUp, again, clock } = setUp();
    const first = failed();
    const second = make();
    gate.admits(second);
    let tried = 0;
    while (givenUp.length === 0 && clock.now() < 2 * WAIT_MS) {
      clock.pass(100);
      for (const request of again.splice(0)) {
        tried++;
        if (!gate.ended(request, EMFILE, true)) givenUp.push(request);
      }
    }
    expect(givenUp).toContain(first);
    expect(clock.now()).toBeGreaterThanOrEqual(WAIT_MS);
    expect(clock.now()).toBeLessThan(WAIT_MS + 1000);
    expect(tried).toBeGreaterThan(50);
  });

  it("gives up a request whose attempt took longer than it may wait", () => {
    const { gate, failed, again, clock } = setUp();
    const first = failed();
    gate.freed();
    expect(again).toEqual([first]);
    clock.pass(WAIT_MS);
    expect(gate.ended(first, EMFILE, true)).toBe(false);
    expect(gate.size).toBe(0);
  });

  it("keeps trying for the others while the one it let through takes its time", () => {
    const { gate, failed, again, clock } = setUp();
    const all = [failed(), failed(), failed()];
    clock.pass(10 + 20 + 40);
    expect(again).toEqual(all);
    expect(gate.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  it("forgets cancelled requests, and stops trying when none is left", () => {
    const { gate, failed, clock } = setUp();
    const first = failed();
    expect(gate.has(first)).toBe(true);
    expect(gate.delete(first)).toBe(true);
    expect(gate.delete(first)).toBe(false);
    expect(gate.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  it("loses no request, whatever happens, and never exceeds the limit", () => {
    const step = fc.oneof(
      fc.constant("submit" as const),
      fc.constant("close" as const),
      fc.constant("foreign close" as const),
      fc.constant("cancel" as const),
      fc.constant("time" as const),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 6 }),
        (steps, room) => {
          const { gate, make, again, givenUp, clock } = setUp();
          const open: Request[] = [];
          const waiting = new Set<Request>();
          let foreign = 2;
          const run = (request: Request): void => {
            const full = open.length + foreign >= room + 2;
            const result = full ? EMFILE : 5;
            waiting.delete(request);
            if (gate.ended(request, result, true)) waiting.add(request);
            else if (!full) open.push(request);
            else givenUp.push(request);
            drain();
          };
          const drain = (): void => {
            for (let next = again.shift(); next; next = again.shift())
              run(next);
          };
          let submitted = 0;
          let cancelled = 0;
          let closed = 0;
          const close = (): void => {
            if (open.pop() === undefined) return;
            closed++;
            gate.freed();
          };
          for (const what of steps) {
            if (what === "submit") {
              submitted++;
              const request = make();
              if (gate.admits(request)) run(request);
              else waiting.add(request);
            } else if (what === "close") close();
            else if (what === "foreign close") foreign = 0;
            else if (what === "cancel") {
              const [request] = waiting;
              if (request && gate.delete(request)) cancelled++;
              waiting.delete(request!);
            } else clock.pass(50);
            drain();
            expect(open.length + foreign).toBeLessThanOrEqual(room + 2);
          }
          foreign = 0;
          while (open.length > 0 || waiting.size > 0) {
            if (open.length > 0) close();
            else clock.pass(600);
            drain();
          }
          expect(closed + cancelled).toBe(submitted);
          expect(gate.size).toBe(0);
          expect(givenUp).toHaveLength(0);
        },
      ),
    );
  });
});
