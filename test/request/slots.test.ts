// Slots: each is given out once at a time, and every use has a generation of its own.
import { describe, expect, it } from "vitest";
import { SLOT_WORDS, Slot, State } from "../../src/request/layout.ts";
import { makeMemory } from "../../src/request/make-memory.ts";
import { Slots } from "../../src/request/slots.ts";

const sizes = { slots: 16, arenaBytes: 1 << 20, workersMax: 1 };

describe("Slots", () => {
  it("gives out every slot once, then none", () => {
    const slots = new Slots(makeMemory(sizes));
    const taken = Array.from({ length: 16 }, () => slots.take());
    expect(new Set(taken).size).toBe(16);
    expect(Math.min(...taken)).toBe(0);
    expect(Math.max(...taken)).toBe(15);
    expect(slots.freeCount).toBe(0);
    expect(slots.take()).toBe(-1);
    for (const slot of taken) slots.release(slot);
    expect(slots.freeCount).toBe(16);
  });

  it("gives out the slot used last first", () => {
    const slots = new Slots(makeMemory(sizes));
    const [first, second] = [slots.take(), slots.take()];
    slots.release(second);
    slots.release(first);
    expect([slots.take(), slots.take()]).toEqual([first, second]);
  });

  it("counts generations and frees the state", () => {
    const memory = makeMemory(sizes);
    const slots = new Slots(memory);
    const slot = slots.take();
    const state = slot * SLOT_WORDS + Slot.state;
    for (let use = 0; use < 5; use++) {
      expect(slots.generation(slot)).toBe(use);
      memory.words[state] = State.running + 3;
      slots.release(slot);
      expect(memory.words[state]).toBe(State.free);
      expect(slots.take()).toBe(slot);
    }
  });
});
