// Rings keep order, hold as many entries as they say, and wrap at 2^32; the two ways of taking agree.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HEAD, RING_HEADER, TAIL } from "../../src/request/layout.ts";
import { PublishedRing, Ring, distance } from "../../src/request/ring.ts";

const SLOTS = 16;

function makeRing(position = 0): { ring: Ring; words: Int32Array } {
  const shared = new SharedArrayBuffer((RING_HEADER + SLOTS) * 4);
  const words = new Int32Array(shared);
  words[HEAD] = words[TAIL] = position;
  return { ring: new Ring(words, 0, SLOTS), words };
}

describe("Ring", () => {
  it.each([0, -1, 0x7fffffff - 3, -0x80000000, 12345])(
    "is a queue, beginning at position %d",
    (position) => {
      const step = fc.constantFrom("push", "take", "shift");
      fc.assert(
        fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
          const { ring } = makeRing(position);
          const model: number[] = [];
          for (const [i, what] of steps.entries()) {
            if (what === "push") {
              if (model.length === ring.capacity) continue;
              ring.push(i);
              model.push(i);
            } else expect(ring[what]()).toBe(model.shift() ?? -1);
            expect(ring.length).toBe(model.length);
            for (const max of [1, model.length, model.length + 1, SLOTS])
              expect(ring.hasFewerThan(max)).toBe(model.length < max);
          }
        }),
      );
    },
  );

  it("counts each entry that is taken", () => {
    const { ring } = makeRing(-2);
    const before = ring.taken;
    for (let i = 0; i < 3; i++) ring.push(i);
    expect(distance(before, ring.taken)).toBe(0);
    ring.take();
    ring.shift();
    ring.take();
    expect(distance(before, ring.taken)).toBe(3);
  });

  it("throws for a size that is no power of two", () => {
    const words = new Int32Array(64);
    expect(() => new Ring(words, 0, 12)).toThrow(RangeError);
  });
});

describe("PublishedRing", () => {
  it("gives what was published up to the first place that is taken and not filled", () => {
    const words = new Int32Array(
      new SharedArrayBuffer((RING_HEADER + SLOTS) * 4),
    );
    const ring = new PublishedRing(words, 0, SLOTS);
    const publish = (slot: number): void => {
      const at = Atomics.add(words, TAIL, 1);
      words[RING_HEADER + (at & (SLOTS - 1))] = slot + 1;
    };
    for (let slot = 0; slot < SLOTS; slot++) publish(slot);
    for (let slot = 0; slot < SLOTS; slot++) expect(ring.shift()).toBe(slot);
    Atomics.add(words, TAIL, 1);
    expect(ring.length).toBe(1);
    expect(ring.shift()).toBe(-1);
  });
});
