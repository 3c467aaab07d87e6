// How many threads are woken and started, under loads that are played in simulated time: bursts, ramps, slow disks, calls
// that hang, processors that are busy with something else.
import { describe, expect, it } from "vitest";
import { LOOP_US } from "../../src/backends/thread-controller.ts";
import { SimulatedCrew } from "../helpers/simulated-crew.ts";

const processors = 4;
const maxParallel = 16;
const CACHED = { cpuUs: 20, deviceUs: 0 };
const SLOW = { cpuUs: 10, deviceUs: 5000 };
const HUNG = { cpuUs: 10, deviceUs: Infinity };
const BOOT_MS = 30;

const isolates = (): SimulatedCrew =>
  new SimulatedCrew({ processors, maxParallel });
const native = (): SimulatedCrew =>
  new SimulatedCrew({ processors, maxParallel, native: true });

/** With so many threads, which have worked and now sleep. */
function warm(crew: SimulatedCrew, count = processors): SimulatedCrew {
  crew.submit(count * 50, CACHED);
  crew.run(2 * BOOT_MS);
  expect(crew.asleep).toBe(crew.threads.length);
  crew.startsMs.length = crew.wakesMs.length = crew.awakeMost = 0;
  return crew;
}

describe("a burst", () => {
  it("of unknown requests starts an isolate for each processor, and no more", () => {
    const crew = isolates();
    crew.submit(1000, CACHED);
    crew.run(200);
    expect(crew.startsMs).toEqual([0, 0, 0, 0]);
    expect(crew.done).toBe(1000);
  });

  it("starts two native threads more than there are processors", () => {
    const crew = native();
    crew.submit(1000, CACHED);
    crew.run(200);
    expect(crew.startsMs).toEqual([0, 0, 0, 0, 0, 0]);
    expect(crew.done).toBe(1000);
  });

  it("wakes those that sleep before any is started", () => {
    const crew = warm(isolates());
    crew.submit(1000, CACHED);
    expect(crew.wakesMs).toHaveLength(processors);
    crew.run(100);
    expect(crew.startsMs).toEqual([]);
    expect(crew.done).toBe(1200);
  });

  it("wakes no more threads than its work is worth", () => {
    const crew = warm(isolates());
    // 6 x 20 µs: two wake-ups' worth.
    crew.submit(6, CACHED);
    expect(crew.wakesMs).toHaveLength(2);
  });

  it("of requests that cost little wakes the threads that keep up with the loop, and no more", () => {
    const tiny = { cpuUs: 10, deviceUs: 0 };
    const crew = new SimulatedCrew({
      processors: 16,
      maxParallel,
      native: true,
    });
    crew.submit(1000, tiny);
    crew.run(2 * BOOT_MS);
    expect([crew.done, crew.asleep]).toEqual([1000, maxParallel]);
    crew.submit(1000, tiny);
    expect(crew.wakesMs).toHaveLength(tiny.cpuUs / LOOP_US);
    crew.run(BOOT_MS);
    expect(crew.done).toBe(2000);
  });

  it("of a few cheap requests starts no isolate beside one that works", () => {
    const crew = isolates();
    crew.submit(1, CACHED);
    crew.run(2 * BOOT_MS);
    crew.submit(15, CACHED);
    crew.run(5);
    expect(crew.threads).toHaveLength(1);
    expect(crew.done).toBe(16);
  });

  it("of a few requests that take long starts one for each beside it", () => {
    const crew = isolates();
    crew.submit(1, { cpuUs: 2000, deviceUs: 0 });
    crew.run(2 * BOOT_MS);
    crew.submit(2, { cpuUs: 2000, deviceUs: 0 });
    expect(crew.threads).toHaveLength(1 + 2);
  });
});

describe("an isolate that starts", () => {
  it("does not leave work to itself where another one sleeps", () => {
    const crew = warm(isolates(), 1);
    const floor = crew.threads.length + 1;
    crew.controller.setLimits({
      minParallel: floor,
      maxParallel,
      maxIdle: 64,
      idleTimeoutMs: 0,
      lingerUs: 0,
    });
    crew.run(1);
    expect([crew.threads.length, crew.asleep]).toEqual([floor, floor - 1]);
    const { done } = crew;
    crew.submit(1, CACHED);
    crew.run(1);
    expect(crew.done).toBe(done + 1);
  });

  it("is given the time to take what it was started for", () => {
    const crew = isolates();
    crew.submit(1, CACHED);
    crew.run(2 * BOOT_MS);
    expect([crew.done, crew.threads.length]).toEqual([1, 1]);
  });
});

describe("a ramp", () => {
  it.each([
    ["isolates", isolates, processors],
    ["native threads", native, processors + 2],
  ])(
    "has as many %s awake as it needs, and never more than are of use",
    (_who, make, most) => {
      const crew = warm(make());
      const submitted = crew.done;
      // Up to 160 a millisecond: 3.2 of 4 processors.
      const awake = [1, 20, 80, 160].map((perMs) => {
        const before = crew.awakeUs;
        crew.run(50, () => crew.submit(perMs, CACHED));
        return (crew.awakeUs - before) / 50_000;
      });
      expect(awake).toEqual([...awake].sort((a, b) => a - b));
      expect(awake[0]).toBeLessThan(0.1);
      expect(awake.at(-1)).toBeGreaterThan(3);
      expect(crew.awakeMost).toBe(most);
      expect(crew.startsMs).toEqual([]);
      crew.run(20);
      expect(crew.done - submitted).toBe(50 * (1 + 20 + 80 + 160));
    },
  );
});

describe("a slow disk", () => {
  const read = (crew: SimulatedCrew, ms: number, request = SLOW): void => {
    let submitted = crew.done;
    crew.run(ms, () => {
      const inFlight = submitted - crew.done;
      submitted += 64 - inFlight;
      crew.submit(64 - inFlight, request);
    });
  };

  it("gets one thread after another, up to the limit, while the processors idle", () => {
    const crew = warm(isolates());
    read(crew, 2000);
    expect(crew.threads).toHaveLength(maxParallel);
    expect(crew.awakeMost).toBe(maxParallel);
    const apart = crew.startsMs
      .slice(1)
      .map((atMs, i) => atMs - crew.startsMs[i]!);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(BOOT_MS);
  });

  it("gets them, too, where each look finds something done", () => {
    const crew = warm(isolates());
    read(crew, 2000, { cpuUs: 10, deviceUs: 800 });
    expect(crew.threads).toHaveLength(maxParallel);
  });

  it("gets none while something else keeps the processors busy", () => {
    const crew = warm(isolates());
    crew.busyElsewhere = 3;
    read(crew, 1000);
    expect(crew.threads).toHaveLength(processors);
  });
});

describe("a call that hangs", () => {
  it("costs the requests behind it a few looks where the processors idle", () => {
    const crew = warm(isolates(), 1);
    crew.submit(crew.threads.length, HUNG);
    crew.run(10);
    const [submittedMs, { done }] = [crew.nowMs, crew];
    crew.submit(10, CACHED);
    crew.run(100);
    expect(crew.startsMs).toHaveLength(1);
    expect(crew.startsMs[0]! - submittedMs).toBeLessThanOrEqual(3);
    expect(crew.done - done).toBe(10);
  });

  it("is noticed on busy processors, too, after 50 looks at which nothing moved", () => {
    const crew = warm(isolates(), 1);
    crew.submit(crew.threads.length, HUNG);
    crew.run(10);
    crew.busyElsewhere = 3;
    const submittedMs = crew.nowMs;
    crew.submit(10, CACHED);
    crew.run(150);
    expect(crew.startsMs).toEqual([submittedMs + 50]);
  });

  it("is replaced at once when it is known", () => {
    const crew = warm(isolates(), 1);
    const hung = crew.threads.length;
    crew.submit(hung, HUNG);
    crew.run(10);
    crew.controller.spare(hung, hung);
    crew.submit(1, CACHED);
    expect(crew.startsMs).toEqual([crew.nowMs]);
  });

  it("is followed by others until the limit, where all that comes hangs", () => {
    const crew = isolates();
    crew.submit(100, HUNG);
    crew.run(2000);
    expect(crew.threads).toHaveLength(maxParallel);
    expect(crew.backlog).toBe(100 - maxParallel);
  });
});

describe("busy processors", () => {
  it("get no more threads for work of their own than there are processors", () => {
    const crew = isolates();
    crew.submit(200, { cpuUs: 5000, deviceUs: 0 });
    crew.run(400);
    expect(crew.threads).toHaveLength(processors);
    expect(crew.done).toBe(200);
  });
});

describe("without work", () => {
  it.each([
    ["isolates", isolates],
    ["native threads", native],
  ])("nobody looks after %s, and none is woken", (_who, make) => {
    const crew = warm(make());
    crew.run(500);
    expect(crew.watches).toBe(false);
    expect(crew.wakesMs).toEqual([]);
  });

  it("a pause starts nobody, and its end starts as many as are of use", () => {
    const crew = new SimulatedCrew({ processors, maxParallel: 0 });
    crew.submit(100, CACHED);
    crew.run(200);
    expect(crew.threads).toEqual([]);
    const limits = {
      minParallel: 0,
      maxIdle: 64,
      idleTimeoutMs: 0,
      lingerUs: 0,
    };
    crew.controller.setLimits({ ...limits, maxParallel });
    expect(crew.threads).toHaveLength(processors);
  });

  it("the minimum is there without any work, and no more are", () => {
    const crew = isolates();
    const limits = { maxIdle: 64, idleTimeoutMs: 0, lingerUs: 0, maxParallel };
    crew.controller.setLimits({ ...limits, minParallel: 3 });
    crew.run(100);
    expect(crew.threads).toHaveLength(3);
  });
});
