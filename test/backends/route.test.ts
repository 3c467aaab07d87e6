// Which of several backends is asked first: a lane that refuses an op again and again is spared for a while.
import { describe, expect, it } from "vitest";
import type { BackendName, Completions } from "../../src/backends/backend.ts";
import {
  Router,
  type Routing,
  type Runners,
} from "../../src/backends/route.ts";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { ops } from "../../src/ops/table.ts";
import { SLOT_WORDS, Slot, Special } from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";

const [EAGAIN, ECANCELED] = [-11, -125] as const;
const SLOT = 3;

function setUp(routing: Routing = {}) {
  const memory = makeMemory(defaultEngineOptions.sizes);
  const asked: string[] = [];
  const ends: number[] = [];
  const runner = (name: string) => ({
    name,
    direct: null,
    supports: () => true,
    comesLast: () => false,
    beginsAtOnce: () => false,
    gainsUncachedOnly: (opcode: number) => opcode === ops.write.code,
    queue: () => {
      asked.push(name);
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
  /** Who was asked for one request, if the lane ends it so. */
  const ask = (
    op: keyof typeof ops,
    laneResult: number,
    cancelled = 0,
    uncached = false,
  ): string => {
    memory.words[SLOT * SLOT_WORDS + Slot.op] = ops[op].code;
    memory.words[SLOT * SLOT_WORDS + Slot.cancelled] = cancelled;
    asked.length = 0;
    router.queue(SLOT, false, uncached);
    if (asked[0] === "lane") lane.complete(SLOT, laneResult);
    return asked.join();
  };
  return { ask, ends };
}

describe("a lane that refuses an op", () => {
  it("is asked, and the next after it", () => {
    const { ask, ends } = setUp();
    expect(ask("slurp", EAGAIN)).toBe("lane,threads");
    expect(ask("slurp", Special.declined)).toBe("lane,threads");
    expect(ask("slurp", 5)).toBe("lane");
    expect(ends).toEqual([5]);
  });

  it("many times in a row is passed over for a while, of that op alone, and looked at again", () => {
    const { ask } = setUp();
    let refusals = 0;
    while (ask("slurp", EAGAIN) === "lane,threads") refusals++;
    expect(refusals).toBeGreaterThan(8);
    expect(ask("stat", 0)).toBe("lane");
    let passes = 1;
    while (ask("slurp", EAGAIN) === "threads") passes++;
    expect(passes).toBeGreaterThan(100);
    // One refusal more is enough now.
    expect(ask("slurp", EAGAIN)).toBe("threads");
    while (ask("slurp", 5) === "threads");
    for (let i = 0; i < 8; i++)
      expect(ask("slurp", EAGAIN)).toBe("lane,threads");
  });

  it("is not to blame for what was cancelled", () => {
    const { ask, ends } = setUp();
    for (let i = 0; i < 100; i++)
      expect(ask("slurp", ECANCELED, 1)).toBe("lane");
    expect(ends).toEqual(Array(100).fill(ECANCELED));
  });

  it("now and then is not passed over", () => {
    const { ask } = setUp();
    for (let i = 0; i < 500; i++)
      expect(ask("slurp", i % 8 === 0 ? 5 : EAGAIN)).toMatch(/^lane/);
  });
});

describe("a lane that gains only by what bypasses the page cache", () => {
  const cached = (routing: Routing): string =>
    setUp(routing).ask("write", EAGAIN);

  it("is passed over for the rest, where nobody chose it", () => {
    const { ask } = setUp({ auto: true });
    expect(ask("write", EAGAIN)).toBe("threads");
    expect(ask("write", EAGAIN, 0, true)).toBe("lane,threads");
    expect(ask("read", EAGAIN)).toBe("lane,threads");
  });

  it("is asked for everything, where it or a profile's route was chosen", () => {
    expect(cached({})).toBe("lane,threads");
    const chosen = { auto: true, routes: { write: ["lane" as BackendName] } };
    expect(cached(chosen)).toBe("lane,threads");
  });
});
