// Where ops go, and the reasons: for every op and every backend there is one or the other.
import { describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { spawnSync } from "node:child_process";
import path from "node:path";
import type { BackendName } from "../../src/backends/backend.ts";
import { loadNative } from "../../src/backends/native.ts";
import { listBackends } from "../../src/backends/select.ts";
import { opNames, type OpName } from "../../src/ops/table.ts";

const names = Object.keys(listBackends()) as BackendName[];
/** They pass nothing on to workers. */
const LAST = new Set<BackendName>(["null", "node"]);
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
      LAST.has(backend) ? backend : "pool",
    ]);
    await eio.close();
  });

  it("says how the pool does it", async () => {
    const eio = createEio({ backend });
    const of = (op: OpName): string | undefined => eio.why(op).how.pool;
    const native = loadNative().addon !== null;
    const pool = LAST.has(backend) ? undefined : expect.any(String);
    for (const op of opNames) expect(of(op)).toEqual(pool);
    if (!LAST.has(backend) && native) {
      expect(of("statx")).toBe("in C, by the addon");
      expect(of("custom")).toMatch(/^in JavaScript: /);
    }
    await eio.close();
  });

  it("refuses what is not an op", async () => {
    const eio = createEio({ backend });
    expect(() => eio.why("toString" as OpName)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }) as Error,
    );
    await eio.close();
  });
});

it("says what is emulated where there is no native code, and what is not", () => {
  const doors = path.resolve(import.meta.dirname, "../../dist/index.js");
  const program = `
    const { eio } = await import(${JSON.stringify(doors)});
    const how = ["statx", "mknod", "rename"].map((op) => eio.why(op).how.pool);
    console.log(JSON.stringify(how));`;
  const { stdout } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program],
    { encoding: "utf8", env: { ...process.env, NODE_EIO_NATIVE: "0" } },
  );
  expect(JSON.parse(stdout)).toEqual([
    expect.stringMatching(/^emulated in JavaScript: .*NODE_EIO_NATIVE=0/),
    expect.stringMatching(/^ENOSYS .*NODE_EIO_NATIVE=0/),
    "by Node's own fs",
  ]);
});
