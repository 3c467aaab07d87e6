// Descriptors of a thread of the user's that ends with files open: they are closed with it, as node:fs's are.
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { testFolder } from "../helpers/files.ts";

const program = path.join(import.meta.dirname, "terminated-descriptors.mjs");
const folder = testFolder();
const doors = path.resolve(import.meta.dirname, "../../dist");

/** How many more descriptors are open after the thread than before it. */
function left(
  backend: string,
  what: string,
  end = "terminate",
  fifo = "",
): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [program, doors, backend, what, end, fifo],
    // One that is not closed would keep its writer for ever.
    { encoding: "utf8", timeout: 60_000 },
  );
  expect(stderr).toBe("");
  return stdout;
}

describe.each(["threads", "auto", "pool", "node"])(
  "when a thread ends with files open, with backend %s",
  (backend) => {
    it.each(["terminate", "exit", "error"])(
      "its handles are closed after %s",
      (end) => {
        expect(left(backend, "handles", end)).toBe("0");
      },
    );

    it("its working directories, streams and numbers are closed", () => {
      for (const what of ["folders", "streams", "numbers"])
        expect([what, left(backend, what)]).toEqual([what, "0"]);
    });

    it("its numbers stay open with trackUnmanagedFds: false", () => {
      // Three threads open 20 each, and close two.
      expect(left(backend, "untracked")).toBe("54");
    });

    // With "node" it is Node that opened it, and closes it with the thread.
    it.skipIf(backend === "node")(
      "a handle that it transferred stays open",
      () => {
        expect(left(backend, "transferred")).toBe("0");
      },
    );

    it("what it was about to open is closed", () => {
      expect(left(backend, "inFlight")).toBe("0");
    });
  },
);

it("an open that hangs when its thread is terminated is closed when it returns", () => {
  const fifo = folder.join("fifo");
  execFileSync("mkfifo", [fifo]);
  expect(left("threads", "hanging", "terminate", fifo)).toBe("0");
});
