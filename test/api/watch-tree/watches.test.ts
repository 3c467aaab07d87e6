// A tree of more folders than there are watches for: fanotify takes over where it may; otherwise those that have none are compared from
// time to time. It takes the build with faults.
import fs from "node:fs";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { fault, noFaults, noMoreFaults, struck } from "../../helpers/faults.ts";
import { createEio } from "../../../src/api/create.ts";
import { plan, type FaultPlan } from "../../../src/faults.ts";
import type { WatchEvent } from "../../../src/api/watch-tree/events.ts";
import type { WatchTreeOptions } from "../../../src/api/watch-tree/options.ts";
import type { TreeWatcher } from "../../../src/api/watch-tree/watch-tree.ts";
import { until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { noFanotify } from "./methods.ts";

const [EPERM, ENODEV, ENOSPC] = [-1, -19, -28];
const ALWAYS = 1 << 30;
const names = ["a/below", "b/below", "c/below"];
const folder = testFolder();
let made = 0;

function watch(
  options: WatchTreeOptions,
  faults?: FaultPlan,
): {
  watcher: TreeWatcher;
  at: (name: string) => string;
  next: () => Promise<WatchEvent[]>;
} {
  const home = folder.join(`tree-${made++}`);
  const at = (name: string): string => `${home}/${name}`;
  for (const name of names) fs.mkdirSync(at(name), { recursive: true });
  const eio = createEio(faults === undefined ? {} : { faults });
  const watcher = eio.watchTree(home, options) as TreeWatcher;
  onTestFinished(async () => {
    await watcher.close();
    await eio.close();
  });
  const batches = watcher[Symbol.asyncIterator]();
  const next = async (): Promise<WatchEvent[]> =>
    (await batches.next()).value as WatchEvent[];
  return { watcher, at, next };
}

/** Each change is reported, and nothing else. */
async function follows({ at, next }: ReturnType<typeof watch>): Promise<void> {
  for (const name of names) {
    fs.writeFileSync(at(`${name}/file`), "");
    expect(await next()).toMatchObject([
      { type: "create", path: `${name}/file` },
    ]);
  }
}

/** Of inotify, in all of this process. */
const watchesOf = (): number =>
  fs
    .readdirSync("/proc/self/fdinfo")
    .flatMap((fd) => {
      try {
        return fs.readFileSync(`/proc/self/fdinfo/${fd}`, "latin1").split("\n");
      } catch {
        return [];
      }
    })
    .filter((line) => line.startsWith("inotify wd:")).length;

describe.skipIf(noFaults !== null)("with fewer watches than folders", () => {
  afterEach(noMoreFaults);

  it("reports that there are no more, and what changes where there is none", async () => {
    // The root and two more have one.
    fault("watch", ENOSPC, ALWAYS, 3);
    const tree = watch({ method: "inotify", pollMs: 1 });
    const { at, next } = tree;
    expect(await next()).toEqual([{ type: "overflow", reason: "watches" }]);
    await follows(tree);
    noMoreFaults();
    fs.renameSync(at("a"), at("renamed"));
    expect(await next()).toMatchObject([
      { type: "rename", from: "a", to: "renamed", kind: "directory" },
    ]);
  });

  it("does the same where file systems may not be marked, and says so", async () => {
    fault("watch", ENOSPC, ALWAYS, 3);
    fault("mark", EPERM, ALWAYS);
    const tree = watch({ pollMs: 1 });
    expect(await tree.next()).toEqual([
      { type: "overflow", reason: "watches" },
    ]);
    expect(tree.watcher.method).toBe("inotify");
    expect(tree.watcher.reason).toMatch(
      /no more watches of inotify.*, and fanotify_(mark|init): 1$/,
    );
    await follows(tree);
    // Those that could, at the same time, have tried it; nobody tries again.
    const tried = struck("mark");
    fault("mark", EPERM, ALWAYS);
    fs.mkdirSync(tree.at("new"));
    await tree.next();
    expect(tried).toBeLessThanOrEqual(5);
    expect(struck("mark")).toBe(0);
  });
});

describe.skipIf(noFaults !== null || noFanotify !== null)(
  "with fewer watches than folders, and fanotify",
  () => {
    afterEach(noMoreFaults);

    it("goes over to fanotify, gives the watches back, and loses nothing", async () => {
      fault("watch", ENOSPC, ALWAYS, 3);
      const before = watchesOf();
      const tree = watch({});
      expect(tree.watcher.method).toBe("inotify");
      await tree.watcher.ready;
      expect(tree.watcher.method).toBe("fanotify");
      expect(tree.watcher.reason).toMatch(/no more watches of inotify/);
      await follows(tree);
      expect(watchesOf()).toBe(before);
      fs.renameSync(tree.at("a"), tree.at("b/renamed"));
      expect(await tree.next()).toMatchObject([
        { type: "rename", from: "a", to: "b/renamed" },
      ]);
    });

    it("goes over later, too, when folders come", async () => {
      const tree = watch({});
      await tree.watcher.ready;
      fault("watch", ENOSPC, ALWAYS);
      fs.mkdirSync(tree.at("new"));
      expect(await tree.next()).toMatchObject([
        { type: "create", path: "new" },
      ]);
      expect(tree.watcher.method).toBe("fanotify");
      await follows(tree);
    });

    it("has fanotify watch a folder that inotify refuses after it has gone over", async () => {
      // One of two folders that are looked at at once: its turn comes when fanotify has the rest.
      const faults = plan({
        rules: [{ op: "survey", path: "b", times: 1, then: { hang: true } }],
      });
      fault("watch", ENOSPC, ALWAYS, 1);
      const tree = watch({ pollMs: ALWAYS }, faults);
      await until(() => tree.watcher.method === "fanotify");
      expect(faults.held).toHaveLength(1);
      faults.release();
      await tree.watcher.ready;
      await follows(tree);
    });

    it("goes back to inotify for what cannot be marked, be it the root", async () => {
      fault("watch", ENOSPC, 1, 3);
      // The one that was refused can be, and none that follows.
      fault("mark", ENODEV, ALWAYS, 1);
      const tree = watch({});
      await tree.watcher.ready;
      expect(tree.watcher.method).toBe("fanotify");
      await follows(tree);
      fs.writeFileSync(tree.at("file"), "");
      expect(await tree.next()).toMatchObject([
        { type: "create", path: "file" },
      ]);
    });

    it("watches by inotify what is on a file system that cannot be marked", async () => {
      // The root's file system is, and the root itself: whatever is below is not.
      fault("mark", ENODEV, ALWAYS, 2);
      const tree = watch({ method: "fanotify" });
      await tree.watcher.ready;
      expect(tree.watcher.method).toBe("fanotify");
      expect(struck("mark")).toBeGreaterThan(0);
      await follows(tree);
      fs.renameSync(tree.at("a/below"), tree.at("b/renamed"));
      expect(await tree.next()).toMatchObject([
        { type: "rename", from: "a/below", to: "b/renamed" },
      ]);
    });

    it("refuses fanotify, where that was chosen, for a root that cannot be marked", async () => {
      fault("mark", ENODEV, ALWAYS);
      const { watcher } = watch({ method: "fanotify" });
      await expect(watcher.ready).rejects.toMatchObject({
        code: "ERR_EIO_BACKEND_UNAVAILABLE",
        message: expect.stringContaining("fanotify_mark: 19") as string,
      });
    });
  },
);
