// Groups: when they end, in which state, and what is called meanwhile.
import { describe, expect, it } from "vitest";
import type { EioGroup } from "../../../src/api/eio/group.ts";
import { Latch, makeDoor, type EioRequest } from "../../helpers/eio-door.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const ECANCELED = 125;
let latches = 0;

/** A manual door with one worker, and what its requests said. */
function manual() {
  const door = makeDoor({ maxParallel: 1 });
  door.init();
  const said: unknown[] = [];
  const say =
    (name: string) =>
    (req: { result: number; errorno: number }): void => {
      said.push(`${name} ${req.result}${req.errorno ? ` ${req.errorno}` : ""}`);
    };
  return { door, said, say };
}

describe("a group", () => {
  it("that is empty ends at the first poll, and not before", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"), "data");
    expect([said, grp.finished, door.nreqs(), grp.data]).toEqual([
      [],
      false,
      1,
      "data",
    ]);
    expect(door.poll()).toBe(0);
    expect([said, grp.finished, door.nreqs()]).toEqual([["grp 0"], true, 0]);
    await door.flush();
  });

  it("ends with the last of its members, and carries the result that was set", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"));
    door.grp_add(grp, door.nop(0, say("a")));
    door.grp_add(grp, door.nop(0, say("b")));
    door.grp_set(grp, 7, 5);
    expect(grp.size).toBe(2);
    await door.flush();
    expect(said).toEqual(["a 0", "b 0", "grp 7 5"]);
  });

  it("may be added to in its members' callbacks", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"));
    const next = (left: number): void => {
      const req = door.nop(0, () => {
        said.push(left);
        if (left > 0) next(left - 1);
      });
      door.grp_add(grp, req);
    };
    next(3);
    await door.flush();
    expect(said).toEqual([3, 2, 1, 0, "grp 0"]);
  });

  it("nests: the outer one ends after the inner one", async () => {
    const { door, said, say } = manual();
    const outer = door.grp(say("outer"));
    const inner = door.grp_add(outer, door.grp(say("inner")));
    const innermost = door.grp_add(inner, door.grp(say("innermost")));
    door.grp_add(innermost, door.nop(0, say("nop")));
    expect(innermost.grp).toBe(inner);
    await door.flush();
    expect(said).toEqual(["nop 0", "innermost 0", "inner 0", "outer 0"]);
  });

  it("that was not polled yet outlives its members", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"));
    const first = door.nop(4, say("first"));
    door.grp_add(grp, first);
    await door.poll_wait();
    await door.flush();
    expect(said.at(-1)).toBe("grp 0");
  });

  it("takes no request that is done, or in a group, and no group that is in it", async () => {
    const door = makeDoor();
    const grp = door.grp();
    const other = door.grp();
    const code = "ERR_EIO_GROUP";
    const misuse = expect.objectContaining({ code }) as Error;
    const req = door.grp_add(grp, door.nop());
    expect(() => door.grp_add(other, req)).toThrow(misuse);
    expect(() => door.grp_add(grp, grp)).toThrow(misuse);
    door.grp_add(grp, other);
    expect(() => door.grp_add(other, grp)).toThrow(misuse);
    await door.flush();
    const late = door.nop();
    expect(() => door.grp_add(grp, late)).toThrow(misuse);
    const third = door.grp();
    expect(() => door.grp_add(third, req)).toThrow(misuse);
    const type = expect.objectContaining({
      code: "ERR_INVALID_ARG_TYPE",
    }) as Error;
    expect(() => door.grp_add(third, {} as never)).toThrow(type);
    expect(() => door.grp_add(late as never, door.nop())).toThrow(type);
    expect(() => door.grp_feed(third, 1 as never)).toThrow(type);
    expect(() => door.grp_set(third, "0" as never)).toThrow(type);
    expect(() => door.cancel({} as never)).toThrow(type);
    await door.flush();
  });

  it("runs at the top: it ends before what waits below", async () => {
    const { door, said, say } = manual();
    door.set_max_parallel(0);
    door.nop(-4, say("low"));
    const grp = door.grp(say("grp"));
    expect(grp.pri).toBeDefined();
    expect(door.poll()).toBe(0);
    expect(said).toEqual(["grp 0"]);
    door.set_min_parallel(1);
    await door.flush();
    expect(said).toEqual(["grp 0", "low 0"]);
  });
});

describe("a feed", () => {
  it("is called until it adds nothing, with two members at a time", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"));
    let left = 7;
    let active = 0;
    let most = 0;
    let calls = 0;
    const feed = (grp: EioGroup): void => {
      calls++;
      if (left === 0) return;
      left--;
      most = Math.max(most, ++active);
      door.grp_add(
        grp,
        door.nop(0, () => void active--),
      );
    };
    door.grp_feed(grp, feed);
    expect([active, grp.size]).toEqual([2, 2]);
    await door.flush();
    expect({ left, most, calls }).toEqual({ left: 0, most: 2, calls: 8 });
    expect(said).toEqual(["grp 0"]);
  });

  it("keeps as many active as the limit says, also when it changes", async () => {
    const { door } = manual();
    const sizes: number[] = [];
    const grp = door.grp();
    let left = 20;
    const feed = (grp: EioGroup): void => {
      if (left-- <= 0) return;
      door.grp_add(
        grp,
        door.nop(0, () => void sizes.push(grp.size)),
      );
    };
    door.grp_feed(grp, feed, 5);
    expect(grp.size).toBe(5);
    door.grp_limit(grp, 8);
    expect(grp.size).toBe(8);
    door.grp_limit(grp, 1);
    expect(grp.size).toBe(8);
    await door.flush();
    expect([sizes.length, sizes[0], sizes.at(-1)]).toEqual([20, 8, 1]);
  });

  it("may be taken away, and put in place of another", async () => {
    const { door, said } = manual();
    const grp = door.grp();
    const feed =
      (name: string) =>
      (grp: EioGroup): void => {
        const req = door.nop(0, () => {
          said.push(name);
          door.grp_feed(grp, name === "one" ? feed("two") : null);
        });
        door.grp_add(grp, req);
      };
    door.grp_feed(grp, feed("one"), 1);
    await door.flush();
    expect(said).toEqual(["one", "two"]);
  });

  it("that throws is taken away, and its error is thrown, and is the group's", async () => {
    const { door } = manual();
    const ends: unknown[] = [];
    const grp = door.grp((grp) => ends.push(grp.result, grp.error?.message));
    const feed = (): void => {
      throw new Error("no food");
    };
    expect(() => door.grp_feed(grp, feed)).toThrow("no food");
    await door.flush();
    expect(ends).toEqual([-1, "no food"]);
  });
});

describe("flush", () => {
  it("waits for a group that ends behind the callback of its last member", async () => {
    const door = makeDoor();
    for (let round = 0; round < 20; round++) {
      const ends: string[] = [];
      const grp = door.grp(() => ends.push("group"));
      for (const name of ["one", "two"])
        door.grp_add(
          grp,
          door.nop(0, () => ends.push(name)),
        );
      await door.flush();
      expect(ends.sort()).toEqual(["group", "one", "two"]);
    }
  });
});

describe("a feed in the middle", () => {
  it("that throws ends its group with the error, once its members have ended", async () => {
    const { door } = manual();
    const ends: unknown[] = [];
    const grp = door.grp((grp) => ends.push(grp.result, grp.error?.message));
    let calls = 0;
    const feed = (grp: EioGroup): void => {
      if (++calls > 3) throw new Error("no food");
      door.grp_add(grp, door.nop());
    };
    door.grp_feed(grp, feed, 1);
    await door.flush();
    expect([calls, ends]).toEqual([4, [-1, "no food"]]);
  });

  it("is not called while the limit is 0", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"));
    let calls = 0;
    door.grp_feed(grp, () => void calls++, 0);
    expect(calls).toBe(0);
    door.grp_limit(grp, 1);
    expect(calls).toBe(1);
    await door.flush();
    expect(said).toEqual(["grp 0"]);
  });
});

describe("cancel", () => {
  it("of a group ends what is still waiting, recursively, and feeds no more", async () => {
    const { door, said, say } = manual();
    door.set_max_parallel(0);
    const grp = door.grp(say("grp"));
    const inner = door.grp_add(grp, door.grp(say("inner")));
    door.grp_add(inner, door.nop(0, say("deep")));
    let fed = 0;
    door.grp_feed(grp, (grp) => {
      fed++;
      door.grp_add(grp, door.nop(0, say("fed")));
    });
    // The inner group counts.
    expect(fed).toBe(1);
    door.cancel(grp);
    expect([grp.cancelled, inner.cancelled]).toEqual([true, true]);
    await door.flush();
    expect(fed).toBe(1);
    expect([...said].sort()).toEqual([
      `deep -1 ${ECANCELED}`,
      `fed -1 ${ECANCELED}`,
      "grp 0",
      "inner 0",
    ]);
    expect(said.at(-1)).toBe("grp 0");
  });

  it("grp_cancel takes the members and the feed, not the group", async () => {
    const { door, said, say } = manual();
    door.set_max_parallel(0);
    const grp = door.grp(say("grp"));
    let left = 3;
    door.grp_feed(
      grp,
      (grp) => {
        if (left-- > 0) door.grp_add(grp, door.nop(0, say("fed")));
      },
      1,
    );
    door.grp_cancel(grp);
    expect(grp.cancelled).toBe(false);
    door.set_min_parallel(1);
    await door.flush();
    expect(said).toEqual([`fed -1 ${ECANCELED}`, "grp 0"]);
  });

  it("of a group with a member that runs waits for it", async () => {
    const { door, said, say } = manual();
    const latch = new Latch(folder, `latch ${latches++}`);
    const grp = door.grp(say("grp"));
    const runs = door.open(latch.path, "r", 0, 0, (req) => {
      say("open")({ ...outcomeOf(req), result: Math.min(req.result, 0) });
      if (req.result >= 0) door.close(req.result);
    });
    door.grp_add(grp, runs);
    door.grp_add(grp, door.nop(0, say("waits")));
    // The latch opens when it has a reader: then the request runs.
    const released = new Promise<void>((resolve) => {
      const look = (): void => {
        if (door.nready() > 1) return void setImmediate(look);
        door.cancel(grp);
        latch.release();
        resolve();
      };
      setImmediate(look);
    });
    await released;
    await door.flush();
    expect(said.at(-1)).toBe("grp 0");
    expect([...said].sort()).toEqual([
      "grp 0",
      "open 0",
      `waits -1 ${ECANCELED}`,
    ]);
  });

  it("of a group that has ended does nothing", async () => {
    const { door, said, say } = manual();
    const grp = door.grp(say("grp"));
    door.poll();
    door.cancel(grp);
    door.grp_cancel(grp);
    expect([said, grp.cancelled]).toEqual([["grp 0"], false]);
    await door.flush();
  });
});

const outcomeOf = (req: EioRequest) => ({
  result: req.result,
  errorno: req.errorno,
});
