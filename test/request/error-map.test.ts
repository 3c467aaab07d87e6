// What making an error costs: Node's map of the system's errors is a new one for each call, with 80 entries.
import { syncBuiltinESMExports } from "node:module";
import util from "node:util";
import { expect, it, vi } from "vitest";
import { errnoOf, systemError } from "../../src/request/errors.ts";

it("many errors are made with one map of the system's errors", () => {
  const maps = vi.spyOn(util, "getSystemErrorMap");
  syncBuiltinESMExports();
  try {
    const errno = errnoOf("ENOENT");
    for (let i = 0; i < 10; i++)
      expect(systemError(errno, "stat", "nowhere").code).toBe("ENOENT");
    expect(maps.mock.calls.length).toBeLessThan(2);
  } finally {
    maps.mockRestore();
    syncBuiltinESMExports();
  }
});
