// Where ops go, and the reasons: for every op and every backend there is one or the other.
import { describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import type { BackendName } from "../../src/backends/backend.ts";
import { listBackends } from "../../src/backends/select.ts";
import { opNames, type OpName } from "../../src/ops/table.ts";

const names = Object.keys(listBackends()) as BackendName[];
const there = names.filter((name) => listBackends()[name].available);

describe.each(there)("why() on %s", (backend) => {
  it("has a way for each op, and a reason for each other backend", async () => {
    const eio = createEio({ backend });
    for (const op of opNames) {
      const { goes, not } = eio.why(op);
      expect(goes.length).toBeGreaterThan(0);
      expect([...goes, ...Object.keys(not)].sort()).toEqual([...names].sort());
      for (const reason of Object.values(not)) expect(reason).toMatch(/\w \w/);
    }
    expect(eio.why("custom").goes).toEqual([
      backend === "null" ? "null" : "pool",
    ]);
    await eio.close();
  });

  it("refuses what is no op", async () => {
    const eio = createEio({ backend });
    expect(() => eio.why("toString" as OpName)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }) as Error,
    );
    await eio.close();
  });
});
