// Several processes with critical sections under one lock, while one is killed and one is stopped for longer than a lease. The
// large run is `npm run test:locks`.
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";
import { contend, judge, lastLine } from "./locks.mjs";

const PROCESSES = 4;
const SECTIONS = 40;
const small = {
  ...{ processes: PROCESSES, sections: SECTIONS, kills: 1, stops: 1 },
  leaseMs: 500,
};

describe("processes that want one lock", () => {
  it.skipIf(loadNative().addon === null)(
    "never overlap under lock()",
    async () => {
      const found = await contend({ kind: "lock", ...small });
      expect(found).toMatchObject({ failed: 0, overlaps: 0, refused: 0 });
      expect(found.sections).toBeGreaterThanOrEqual(PROCESSES * SECTIONS);
      // One that is killed may have counted and not left.
      expect(found.counted - found.sections).toBeOneOf([0, 1]);
    },
  );

  it("never overlap under leaseLock() for a store that looks at the token", async () => {
    const found = await contend({ kind: "lease", ...small });
    expect(found).toMatchObject({
      failed: 0,
      overlaps: 0,
      tokensGrow: true,
    });
    expect(found.sections + found.refused).toBeGreaterThanOrEqual(
      PROCESSES * SECTIONS,
    );
  });
});

describe("the end of their log", () => {
  const log = testFolder().file("log", "");

  it("has nobody at first", () => {
    expect(lastLine(log)).toBe("");
  });

  it("says who is inside, however long the log is", () => {
    const LONG_BYTES = 3 * 2 ** 30;
    fs.truncateSync(log, LONG_BYTES);
    fs.appendFileSync(log, "\nleave 1 0 held\nenter 23 0 held\n");
    expect(lastLine(log)).toBe("enter 23 0 held");
  });
});

describe("the judge of their log", () => {
  const judged = (lines: string[], killed: number[] = []) =>
    judge(lines.join("\n"), new Set(killed));

  it("counts an overlap, but not behind a holder that was killed", () => {
    const lines = [
      ...["enter 1 0 held", "enter 2 0 held"],
      ...["leave 2 0 held", "leave 1 0 held"],
    ];
    expect(judged(lines).overlaps).toBe(2);
    const { overlaps, abandoned } = judged(lines.slice(0, 3), [1]);
    expect([overlaps, abandoned]).toEqual([0, 1]);
  });

  it("counts what only the token keeps out, and a token that was there before", () => {
    const late = ["enter 1 1 held", "enter 2 2 held", "leave 1 1 lost"];
    expect(judged(late)).toMatchObject({ refused: 1, unreported: 0 });
    expect(judged([...late, "leave 1 1 held"]).unreported).toBe(1);
    const twice = ["enter 1 3 held", "leave 1 3 held", "enter 2 3 held"];
    expect(judged(twice).tokensGrow).toBe(false);
  });
});
