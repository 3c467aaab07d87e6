// Descriptors of a thread of the user's that ends with files open: they are closed with it, as node:fs's are.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { testFolder } from "../helpers/files.ts";
import { todays } from "../helpers/part.ts";
import { runNode } from "../helpers/run-node.ts";

const program = path.join(import.meta.dirname, "terminated-descriptors.mjs");
const folder = testFolder();
const doors = path.resolve(import.meta.dirname, "../../dist");

/** How many more descriptors are open after the thread than before it, for each case. */
async function left(
  backend: string,
  cases: string[],
  fifo = "",
): Promise<Record<string, number>> {
  const { stdout, stderr } = await runNode(
    [program, doors, backend, fifo, ...cases],
    // One that is not closed would keep its writer for ever.
    { timeout: 100_000 },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Record<string, number>;
}

const ends = ["terminate", "exit", "error"];
const kinds = ["folders", "streams", "trees", "marks", "numbers"];
const others = ["untracked", "inFlight"];

describe.each(todays(["threads", "auto", "pool", "node"], 2))(
  "when a thread ends with files open, with backend %s",
  (backend) => {
    let found: Record<string, number>;
    beforeAll(async () => {
      found = await left(backend, [
        ...ends.map((end) => `handles ${end}`),
        ...[...kinds, ...others].map((what) => `${what} terminate`),
        // With "node" it is Node that opened it, and closes it with the thread.
        ...(backend === "node" ? [] : ["transferred terminate"]),
      ]);
    });

    it.each(ends)("its handles are closed after %s", (end) => {
      expect(found[`handles ${end}`]).toBe(0);
    });

    it("its working directories, streams, watched trees and numbers are closed", () => {
      for (const what of kinds)
        expect([what, found[`${what} terminate`]]).toEqual([what, 0]);
    });

    it("its numbers stay open with trackUnmanagedFds: false", () => {
      // It opens 20, and closes two.
      expect(found["untracked terminate"]).toBe(18);
    });

    it.skipIf(backend === "node")(
      "a handle that it transferred stays open",
      () => {
        expect(found["transferred terminate"]).toBe(0);
      },
    );

    it("what it was about to open is closed", () => {
      expect(found["inFlight terminate"]).toBe(0);
    });
  },
);

it("an open that hangs when its thread is terminated is closed when it returns", async () => {
  const fifo = folder.join("fifo");
  execFileSync("mkfifo", [fifo]);
  const found = await left("threads", ["hanging terminate"], fifo);
  expect(found).toEqual({ "hanging terminate": 0 });
});
