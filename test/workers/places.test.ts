// Where the workers look for a path that is kept within a folder: what is no name is opened as a whole, so that the
// kernel refuses to leave the folder.
import { expect, it } from "vitest";
import { Within } from "../../workers/places.ts";

const EXDEV = -18;
const BENEATH = 8;

/** What a path is opened as, where the kernel refuses all. */
function openedAs(path: string, way: "itself" | "name"): string {
  const opened: string[] = [];
  const within = new Within(3, BENEATH, (_folder, bytes) => {
    opened.push(Buffer.from(bytes).toString().replace("\0", ""));
    return EXDEV;
  });
  expect(() => within.place(path, way)).toThrow("EXDEV");
  return opened.join(" ");
}

it.each(["..", "a/..", "../", "a/../..", ".", "a/.", "/"])(
  "%s is no name in a folder",
  (path) => {
    expect(openedAs(path, "name")).toBe(path);
    expect(openedAs(path, "itself")).toBe(path);
  },
);

it.each([
  ["a", "."],
  ["a/b", "a/"],
  ["...", "."],
  ["a/..b", "a/"],
])("%s is one, in %s", (path, above) => {
  expect(openedAs(path, "name")).toBe(above);
  expect(openedAs(path, "itself")).toBe(above);
});
