// The arena against a model: chunks never overlap, all of them are freed, and what was freed can be
// allocated again as a whole.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Arena } from "../../src/request/arena.ts";
import { ARENA_MAX_BYTES, ARENA_MIN_BYTES } from "../../src/request/layout.ts";

const START = 8192 * 16;
const BYTES = 4 * ARENA_MAX_BYTES;

const step = fc.oneof(
  fc.record({
    take: fc.oneof(
      fc.integer({ min: 0, max: ARENA_MAX_BYTES }),
      fc.constantFrom(0, 1, 16383, 16384, 16385, 32768, 1 << 19, 1 << 20),
    ),
  }),
  fc.record({ release: fc.nat(1000) }),
);

const sizeOf = (bytes: number): number =>
  Math.max(ARENA_MIN_BYTES, 2 ** Math.ceil(Math.log2(Math.max(bytes, 1))));

describe("Arena", () => {
  it("gives chunks that never overlap, and takes all of them back", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const arena = new Arena(START, BYTES);
        const used = new Map<number, number>();
        for (const next of steps) {
          if ("take" in next) {
            const offset = arena.take(next.take);
            const size = sizeOf(next.take);
            if (offset === -1) {
              expect(fits(used, size)).toBe(false);
              continue;
            }
            expect((offset - START) % size).toBe(0);
            expect(offset).toBeGreaterThanOrEqual(START);
            expect(offset + size).toBeLessThanOrEqual(START + BYTES);
            const overlaps = [...used].filter(
              ([at, bytes]) => offset + size > at && at + bytes > offset,
            );
            expect(overlaps).toEqual([]);
            used.set(offset, size);
          } else if (used.size > 0) {
            const offset = [...used.keys()][next.release % used.size]!;
            arena.release(offset);
            used.delete(offset);
          }
          expect(arena.usedBytes).toBe(sum(used));
        }
        for (const offset of used.keys()) arena.release(offset);
        expect(arena.usedBytes).toBe(0);
        expectWhole(arena);
      }),
      { numRuns: 200 },
    );
  });

  it("joins split chunks, whatever the order of releases", () => {
    const arena = new Arena(START, BYTES);
    const small = Array.from({ length: BYTES / ARENA_MIN_BYTES }, () =>
      arena.take(1),
    );
    expect(new Set(small).size).toBe(small.length);
    expect(arena.take(1)).toBe(-1);
    const odd = small.filter((_, i) => i % 2 === 1);
    for (const offset of odd) arena.release(offset);
    expect(arena.take(ARENA_MIN_BYTES + 1)).toBe(-1);
    for (const offset of small.filter((_, i) => i % 2 === 0))
      arena.release(offset);
    expectWhole(arena);
  });

  it("throws when a chunk is released twice", () => {
    const arena = new Arena(START, BYTES);
    const offset = arena.take(1);
    arena.release(offset);
    expect(() => arena.release(offset)).toThrow("released twice");
  });

  it("refuses more than its largest chunk", () => {
    const arena = new Arena(START, BYTES);
    expect(() => arena.take(ARENA_MAX_BYTES + 1)).toThrow(RangeError);
  });
});

/** Is there an aligned gap of that size? */
function fits(used: Map<number, number>, size: number): boolean {
  for (let at = START; at < START + BYTES; at += size)
    if (
      [...used].every(
        ([offset, bytes]) => offset + bytes <= at || at + size <= offset,
      )
    )
      return true;
  return false;
}

const sum = (used: Map<number, number>): number =>
  [...used.values()].reduce((a, b) => a + b, 0);

function expectWhole(arena: Arena): void {
  const wholes = Array.from({ length: BYTES / ARENA_MAX_BYTES }, () =>
    arena.take(ARENA_MAX_BYTES),
  );
  expect(wholes).not.toContain(-1);
  for (const offset of wholes) arena.release(offset);
}
