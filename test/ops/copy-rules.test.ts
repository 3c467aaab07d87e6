// What lies in what, by the text of paths: whole names count, not how they begin.
import { describe, expect, it } from "vitest";
import { isBelow, within } from "../../src/ops/copy-rules.ts";

describe("a path lies in a folder", () => {
  it.each([
    ["/a/b", "/a/b", true, false],
    ["/a/b", "/a/b/c", true, true],
    ["/a/b/", "/a/b/c/d", true, true],
    ["/a/b", "/a/bc", false, false],
    ["/a/bc", "/a/b", false, false],
    ["/a/b", "/a", false, false],
    ["/", "/a", true, true],
  ])("%s, %s: %s; below it: %s", (folder, path, inside, below) => {
    expect(within(folder as never, path as never)).toBe(inside);
    expect(isBelow(folder as never, path as never)).toBe(below);
  });
});
