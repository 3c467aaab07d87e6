// The loop's side of the submission rings: what is queued at any priority counts until somebody has taken it.
import { beforeEach, describe, expect, it } from "vitest";
import { Submissions } from "../../src/backends/submissions.ts";
import {
  RINGS,
  SLOT_WORDS,
  Slot,
  submissionRing,
} from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import type { Memory } from "../../src/request/memory.ts";
import { Ring } from "../../src/request/ring.ts";

const SLOTS = 16;

let memory: Memory;
let submissions: Submissions;

beforeEach(() => {
  memory = makeMemory({ slots: SLOTS, arenaBytes: 0, workersMax: 1 });
  submissions = new Submissions(memory.control, memory);
});

/** A request in the slot of that number, at that level. */
function queue(slot: number, level: number): void {
  memory.words[slot * SLOT_WORDS + Slot.level] = level;
  expect(submissions.push(slot)).toBe(true);
}

/** As a worker does it. */
function takeOf(level: number): number {
  const start = submissionRing(memory.sizes, RINGS - 1 - level);
  return new Ring(memory.control, start, SLOTS).take();
}

describe("submissions", () => {
  it("count what is queued at each priority, until it is taken", () => {
    for (let level = 0; level < RINGS; level++) queue(level, level);
    expect(submissions.length).toBe(RINGS);
    expect(submissions.taken).toBe(0);
    for (let level = 0; level < RINGS; level++) {
      expect(takeOf(level)).toBe(level);
      expect(submissions.length).toBe(RINGS - 1 - level);
      expect(submissions.taken).toBe(level + 1);
    }
  });

  it("count two of one priority, and nothing after both are taken", () => {
    queue(0, 4);
    queue(1, 4);
    expect(submissions.length).toBe(2);
    expect([takeOf(4), takeOf(4), takeOf(4)]).toEqual([0, 1, -1]);
    expect(submissions.length).toBe(0);
    expect(submissions.taken).toBe(2);
  });

  it("give back what is queued at each priority when there is no worker", () => {
    for (let level = 0; level < RINGS; level++) queue(level, level);
    const swept: number[] = [];
    submissions.sweep(true, (slot) => swept.push(slot));
    expect(swept.sort((a, b) => a - b)).toEqual([...Array(RINGS).keys()]);
    expect(submissions.length).toBe(0);
  });
});
