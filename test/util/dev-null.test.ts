import os from "node:os";
import { expect, it } from "vitest";
import { devNull } from "../../src/util/dev-null.ts";

it("the device that has nothing is the one that node:os names", () => {
  expect(devNull).toBe(os.devNull);
});
