// Feeds that return a promise, and limits of 0: when the group ends, and with what. Feeds that do not are in
// groups.test.ts.
import { describe, expect, it } from "vitest";
import type { EioGroup } from "../../../src/api/eio/group.ts";
import { makeDoor } from "../../helpers/eio-door.ts";

const door = makeDoor();

/** A group's end: its result and errno, and how often its feed was called. */
const group = (
  begin: (grp: EioGroup) => void,
): Promise<[number, number, string | undefined]> =>
  new Promise((resolve) => {
    const grp = door.grp(({ result, errorno, error }) =>
      resolve([result, errorno, error?.message]),
    );
    begin(grp);
  });

describe("a feed that returns a promise", () => {
  it("keeps its group until it is done, and is called again where it added", async () => {
    let calls = 0;
    let ended = 0;
    const outcome = await group((grp) =>
      door.grp_feed(
        grp,
        async () => {
          await Promise.resolve();
          if (++calls < 4)
            door.grp_add(
              grp,
              door.nop(0, () => void ended++),
            );
        },
        1,
      ),
    );
    expect([outcome, calls, ended]).toEqual([[0, 0, undefined], 4, 3]);
  });

  it("that is rejected ends its group with the error, and nothing is unhandled", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const error = Object.assign(new Error("no more"), { errno: -5 });
    const outcome = await group((grp) =>
      door.grp_feed(grp, () => Promise.reject(error)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect([outcome, unhandled]).toEqual([[-1, 5, "no more"], []]);
  });

  it("does not keep a group that is cancelled", async () => {
    let cancelled: EioGroup | undefined;
    const outcome = group((grp) => {
      cancelled = grp;
      door.grp_feed(grp, () => new Promise(() => {}));
    });
    await new Promise((resolve) => door.nop(0, resolve));
    door.cancel(cancelled!);
    expect(await outcome).toEqual([0, 0, undefined]);
  });
});

describe("a limit of 0", () => {
  it("pauses a feed until there is another", async () => {
    let calls = 0;
    let left = 3;
    const outcome = await group((grp) => {
      door.grp_add(
        grp,
        door.nop(0, () => {
          expect(calls).toBe(0);
          door.grp_limit(grp, 1);
        }),
      );
      const feed = (): void => {
        calls++;
        if (left-- > 0) door.grp_add(grp, door.nop());
      };
      door.grp_feed(grp, feed, 0);
    });
    expect([outcome, calls]).toEqual([[0, 0, undefined], 4]);
  });

  it("of before is 2 for a feed that names none, as in IO::AIO", async () => {
    let most = 0;
    let left = 5;
    await group((grp) => {
      door.grp_limit(grp, 0);
      door.grp_feed(grp, () => {
        if (left-- > 0) door.grp_add(grp, door.nop());
        most = Math.max(most, grp.size);
      });
    });
    expect([most, left]).toEqual([2, -1]);
  });
});
