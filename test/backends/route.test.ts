// Which of several backends is tried first: a lane that refuses an op again and again is spared for a while.
import { describe, expect, it } from "vitest";
import type { BackendName, Completions } from "../../src/backends/backend.ts";
import {
  Router,
  type Routing,
  type Runners,
} from "../../src/backends/route.ts";
import {
  cores,
  defaultThreadLimits,
} from "../../src/backends/thread-limits.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { ops } from "../../src/ops/table.ts";
import { SLOT_WORDS, Slot, Special } from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";

const [E2BIG, EAGAIN, ECANCELED] = [-7, -11, -125] as const;
const SLOT = 3;

function setUp(routing: Routing = {}) {
  const memory = makeMemory(defaultEngineOptions.sizes);
  const tried: string[] = [];
  const ends: number[] = [];
  const runner = (name: string) => ({
    name,
    direct: null,
    supports: () => true,
    comesLast: () => false,
    beginsAtOnce: () => false,
    gainsUncachedOnly: (opcode: number) => opcode === ops.write.code,
    looksUp: (opcode: number) => opcode === ops.stat.code,
    beginsSoon: () => true,
    queue: () => {
      tried.push(name);
      return "queued";
    },
  });
  let lane!: Completions;
  const runners = {
    lanes: (completions: Completions) => {
      lane = completions;
      return [runner("lane")];
    },
    threads: () => runner("threads"),
    last: runner("pool"),
  };
  const completions: Completions = {
    complete: (_slot, result) => (ends.push(result), true),
  };
  const router = new Router(
    "nowait",
    memory,
    completions,
    runners as unknown as Runners,
    defaultThreadLimits,
    routing,
  );
  /** Which backends one request went to, if the lane ends it so. */
  const route = (
    op: keyof typeof ops,
    laneResult: number,
    cancelled = 0,
    uncached = false,
  ): string => {
    memory.words[SLOT * SLOT_WORDS + Slot.op] = ops[op].code;
    memory.words[SLOT * SLOT_WORDS + Slot.cancelled] = cancelled;
    tried.length = 0;
    router.queue(SLOT, false, uncached);
    if (tried[0] === "lane") lane.complete(SLOT, laneResult);
    return tried.join();
  };
  return { route, ends, router, memory, tried };
}

describe("a lane that refuses an op", () => {
  it("is tried first, and the next after it", () => {
    const { route, ends } = setUp();
    expect(route("slurp", EAGAIN)).toBe("lane,threads");
    expect(route("slurp", Special.declined)).toBe("lane,threads");
    expect(route("slurp", 5)).toBe("lane");
    expect(ends).toEqual([5]);
  });

  it("many times in a row is passed over for a while, for that op alone, and tried again", () => {
    const { route } = setUp();
    let refusals = 0;
    while (route("slurp", EAGAIN) === "lane,threads") refusals++;
    expect(refusals).toBeGreaterThan(8);
    expect(route("stat", 0)).toBe("lane");
    let passes = 1;
    while (route("slurp", EAGAIN) === "threads") passes++;
    expect(passes).toBeGreaterThan(100);
    // One refusal more is enough now.
    expect(route("slurp", EAGAIN)).toBe("threads");
    while (route("slurp", 5) === "threads");
    for (let i = 0; i < 8; i++)
      expect(route("slurp", EAGAIN)).toBe("lane,threads");
  });

  it("for its size is tried the next time, however often that was", () => {
    const { route } = setUp();
    for (let i = 0; i < 100; i++)
      expect(route("read", E2BIG)).toBe("lane,threads");
  });

  it("is not to blame for what was cancelled", () => {
    const { route, ends } = setUp();
    for (let i = 0; i < 100; i++)
      expect(route("slurp", ECANCELED, 1)).toBe("lane");
    expect(ends).toEqual(Array(100).fill(ECANCELED));
  });

  it("now and then is not passed over", () => {
    const { route } = setUp();
    for (let i = 0; i < 500; i++)
      expect(route("slurp", i % 8 === 0 ? 5 : EAGAIN)).toMatch(/^lane/);
  });
});

describe("a lane that gains only by what bypasses the page cache", () => {
  const cached = (routing: Routing): string =>
    setUp(routing).route("write", EAGAIN);

  it("is passed over for the rest, where the lane was not chosen", () => {
    const { route } = setUp({ auto: true });
    expect(route("write", EAGAIN)).toBe("threads");
    expect(route("write", EAGAIN, 0, true)).toBe("lane,threads");
    expect(route("read", EAGAIN)).toBe("lane,threads");
  });

  it("is tried for everything, where it or a profile's route was chosen", () => {
    expect(cached({})).toBe("lane,threads");
    const chosen = { auto: true, routes: { write: ["lane" as BackendName] } };
    expect(cached(chosen)).toBe("lane,threads");
  });
});

describe("of several lookups at once", () => {
  /** Where the second goes while the first is under way. */
  function second(routing: Routing): string {
    const { router, memory, tried } = setUp(routing);
    for (const slot of [1, 2]) {
      memory.words[slot * SLOT_WORDS + Slot.op] = ops.stat.code;
      router.queue(slot);
    }
    return tried.join();
  }

  it("the first is tried on the lane and the second goes to threads, where no lane was chosen", () => {
    expect(second({ auto: true })).toBe(
      cores() > 1 ? "lane,threads" : "lane,lane",
    );
  });

  it("all are tried on the lane, where it or a profile's route was chosen", () => {
    expect(second({})).toBe("lane,lane");
    const chosen = { auto: true, routes: { stat: ["lane" as BackendName] } };
    expect(second(chosen)).toBe("lane,lane");
  });
});
