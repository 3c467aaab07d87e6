// A tree of more folders than there are watches for: those that have none are compared from time to time. It takes the build with
// faults.
import fs from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { fault, noFaults, noMoreFaults } from "../../helpers/faults.ts";
import { createEio } from "../../../src/api/create.ts";
import type { WatchEvent } from "../../../src/api/watch-tree/events.ts";
import { testFolder } from "../../helpers/files.ts";

const ENOSPC = -28;
const folder = testFolder();

it.skipIf(noFaults !== null)(
  "reports that there are no more watches, and what changes where there is none",
  async () => {
    for (const name of ["a/below", "b/below", "c/below"])
      fs.mkdirSync(folder.join(name), { recursive: true });
    const eio = createEio();
    // The root and two more have one.
    fault("watch", ENOSPC, 1 << 30, 3);
    const watcher = eio.watchTree(folder.path, { pollMs: 1 });
    onTestFinished(async () => {
      noMoreFaults();
      await watcher.close();
      await eio.close();
    });
    const batches = watcher[Symbol.asyncIterator]();
    const { value: first } = await batches.next();
    expect(first).toEqual([{ type: "overflow", reason: "watches" }]);
    for (const name of ["a/below", "b/below", "c/below"]) {
      fs.writeFileSync(folder.join(`${name}/file`), "");
      const { value } = await batches.next();
      expect(value as WatchEvent[]).toMatchObject([
        { type: "create", path: `${name}/file` },
      ]);
    }
    noMoreFaults();
    fs.renameSync(folder.join("a"), folder.join("renamed"));
    const { value } = await batches.next();
    expect(value).toMatchObject([
      { type: "rename", from: "a", to: "renamed", kind: "directory" },
    ]);
  },
);
