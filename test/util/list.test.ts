// The linked list behaves as an array with push, unshift, shift and splice does.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { List, type Linked } from "../../src/util/list.ts";

class Item implements Linked<Item> {
  next: Item | null = null;
  previous: Item | null = null;
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

const step = fc.record({
  what: fc.constantFrom("push", "unshift", "shift", "remove"),
  which: fc.nat(100),
});

describe("List", () => {
  it("agrees with an array", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new List<Item>();
        const model: Item[] = [];
        for (const [id, { what, which }] of steps.entries()) {
          const item = new Item(id);
          if (what === "push") model.push((list.push(item), item));
          if (what === "unshift") model.unshift((list.unshift(item), item));
          if (what === "shift")
            expect(list.shift()).toBe(model.shift() ?? null);
          const [chosen] =
            what === "remove" && model.length > 0
              ? model.splice(which % model.length, 1)
              : [];
          if (chosen !== undefined) list.remove(chosen);
          expect(list.length).toBe(model.length);
          expect(list.first).toBe(model[0] ?? null);
          expect(members(list)).toEqual(model.map(({ id }) => id));
        }
      }),
    );
  });

  it("leaves no links in what was removed", () => {
    const list = new List<Item>();
    const items = [new Item(0), new Item(1), new Item(2)] as const;
    for (const item of items) list.push(item);
    list.remove(items[1]);
    expect(items[1]).toMatchObject({ next: null, previous: null });
    expect(members(list)).toEqual([0, 2]);
  });
});

function members(list: List<Item>): number[] {
  const ids: number[] = [];
  for (let item = list.first; item !== null; item = item.next)
    ids.push(item.id);
  return ids;
}
