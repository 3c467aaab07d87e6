// A lane of native code: which ops it leaves to others is found out op by op, and stays known when it is closed.
import { expect, it } from "vitest";
import { NativeLane } from "../../src/backends/native-lane.ts";
import { loadNative } from "../../src/backends/native.ts";
import { ops } from "../../src/ops/table.ts";
import { makeMemory } from "../../src/request/make-memory.ts";

const codes = Object.values(ops).map(({ code }) => code);

function openNowait(): NativeLane {
  const memory = makeMemory({ slots: 16, arenaBytes: 0, workersMax: 1 });
  const lane = NativeLane.open(
    "nowait",
    memory,
    { complete: () => true },
    () => {},
  );
  if (typeof lane === "string") throw new Error(lane);
  return lane;
}

it.skipIf(loadNative().addon === null)(
  "a lane that is closed still says which ops it left to others, and why",
  async () => {
    const open = openNowait();
    const reasons = codes.map((code) => open.whyNot(code));
    expect(reasons).toContain(null);
    expect(reasons.filter((reason) => reason !== null)).not.toEqual([]);
    const closed = openNowait();
    await closed.close();
    expect(codes.map((code) => closed.whyNot(code))).toEqual(reasons);
    await open.close();
  },
);

it.skipIf(loadNative().addon === null)(
  "a lane takes no op that there is not",
  async () => {
    const lane = openNowait();
    expect(lane.supports(9999)).toBe(false);
    await lane.close();
  },
);
