// What is particular to fanotify: it reports whatever happens on a file system, of which only what is in the tree may reach the loop; no
// folder has a descriptor or a watch; and changes between a folder's listing and its own watch are known by comparing.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { termsOf } from "../../../src/api/terms.ts";
import { Batch, type WatchEvent } from "../../../src/api/watch-tree/events.ts";
import { TreeFollower } from "../../../src/api/watch-tree/follower.ts";
import {
  KernelWatch,
  fanotify,
} from "../../../src/api/watch-tree/kernel-watch.ts";
import type { Notice, Source } from "../../../src/api/watch-tree/source.ts";
import type { TreeWatcher } from "../../../src/api/watch-tree/watch-tree.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { makeEngine, turn, until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { noFanotify } from "./methods.ts";
import { TreeModel, linesOf } from "./model.ts";

const folder = testFolder();
const NOBODY = 65534;
let made = 0;

function makeTree(...folders: string[]): (name: string) => string {
  const home = folder.join(`tree-${made++}`);
  fs.mkdirSync(home);
  for (const name of folders) fs.mkdirSync(`${home}/${name}`);
  return (name) => `${home}/${name}`;
}

/** Watched by its mark alone, with how often the loop was called. */
function openWatch(): { watch: KernelWatch; calls: () => number } {
  const { addon } = loadNative();
  const engine = makeEngine({ backend: "threads" });
  let calls = 0;
  const host = { noticed: () => void calls++, refused: () => {} };
  const terms = termsOf(engine, {});
  const setting = { addon: addon!, engine, terms, host };
  const watch = KernelWatch.open(fanotify, setting) as KernelWatch;
  onTestFinished(() => watch.close());
  return { watch, calls: () => calls };
}

const sourceOf = (watch: KernelWatch, survey: Source["survey"]): Source => ({
  method: "fanotify",
  reason: "",
  watchesByPath: false,
  take: () => watch.take(),
  survey,
  forget: (folder) => watch.forget(folder),
  close: () => watch.close(),
});

async function watchTree(
  at: (name: string) => string,
): Promise<[TreeWatcher, () => Promise<WatchEvent[]>]> {
  const eio = createEio();
  const watcher = eio.watchTree(at("."), { method: "fanotify" }) as TreeWatcher;
  onTestFinished(async () => {
    await watcher.close();
    await eio.close();
  });
  await watcher.ready;
  const batches = watcher[Symbol.asyncIterator]();
  const next = async (): Promise<WatchEvent[]> =>
    (await batches.next()).value as WatchEvent[];
  return [watcher, next];
}

describe.skipIf(noFanotify !== null)("watchTree by fanotify", () => {
  it("does not call the loop for what happens elsewhere on the file system", async () => {
    const at = makeTree("inside", "outside");
    const { watch, calls } = openWatch();
    const follower = new TreeFollower(
      at("inside"),
      null,
      sourceOf(watch, (...look) => watch.survey(...look)),
    );
    await follower.collect(new Batch());
    for (let i = 0; i < 100; i++) {
      fs.writeFileSync(at("outside/file"), "");
      fs.renameSync(at("outside/file"), at(`outside/${i}`));
    }
    expect(watch.take()).toEqual([]);
    for (let i = 0; i < 100; i++) await turn();
    expect(calls()).toBe(0);
    fs.writeFileSync(at("inside/file"), "");
    await until(() => calls() > 0);
    const { root } = follower.tree;
    expect(watch.take()).toContainEqual({
      ...{ what: "name", folder: root, name: "file" },
    } satisfies Notice);
  });

  it("has both halves of a rename within the tree, and one of what leaves it or comes", async () => {
    const at = makeTree("inside", "inside/a", "outside");
    fs.writeFileSync(at("inside/a/one"), "");
    fs.writeFileSync(at("outside/two"), "");
    const { watch } = openWatch();
    const follower = new TreeFollower(
      at("inside"),
      null,
      sourceOf(watch, (...look) => watch.survey(...look)),
    );
    await follower.collect(new Batch());
    const { root } = follower.tree;
    const a = root.entries.get("a");
    // Nothing is made of it.
    fs.renameSync(at("outside/two"), at("outside/second"));
    fs.renameSync(at("inside/a/one"), at("inside/one"));
    fs.renameSync(at("inside/one"), at("outside/one"));
    fs.renameSync(at("outside/second"), at("inside/two"));
    expect(watch.take()).toMatchObject([
      { what: "from", folder: a, name: "one", cookie: 1 },
      { what: "to", folder: root, name: "one", cookie: 1 },
      { what: "from", folder: root, name: "one", cookie: 2 },
      { what: "to", folder: root, name: "two", cookie: 3 },
    ]);
  });

  it("reports the mode of a folder that changes between its listing and its watch", async () => {
    const at = makeTree("a");
    const { watch } = openWatch();
    const source = sourceOf(watch, (found, path, ...look) => {
      if (found.name === "a" && found.watch === null) fs.chmodSync(path, 0o700);
      return watch.survey(found, path, ...look);
    });
    fs.chmodSync(at("a"), 0o755);
    const follower = new TreeFollower(at("."), null, source);
    await follower.collect(new Batch());
    const { tree } = follower;
    const MODE = 6;
    const [record] = [...tree.root.entries.values()].map(
      (entry) => (entry as { record: number }).record,
    );
    expect(tree.records.words[record! + MODE]! & 0o777).toBe(0o700);
  });

  it("reports what happens to folders themselves, wherever they are", async () => {
    const at = makeTree("a", "a/b");
    const [, next] = await watchTree(at);
    fs.chmodSync(at("a/b"), 0o700);
    expect(await next()).toMatchObject([{ type: "modify", path: "a/b" }]);
    fs.mkdirSync(at("a/new"));
    expect(await next()).toMatchObject([{ type: "create", path: "a/new" }]);
    fs.chmodSync(at("a/new"), 0o700);
    expect(await next()).toMatchObject([{ type: "modify", path: "a/new" }]);
  });

  it("marks each file system that is in the tree", async () => {
    const at = makeTree("a", "other");
    try {
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", at("other")]);
    } catch {
      return expect(fs.existsSync(at("other"))).toBe(true);
    }
    onTestFinished(() => void execFileSync("umount", ["-l", at("other")]));
    fs.mkdirSync(at("other/below"));
    const [watcher, next] = await watchTree(at);
    for (const name of ["a", "other", "other/below"]) {
      fs.writeFileSync(at(`${name}/file`), "");
      expect(await next()).toMatchObject([
        { type: "create", path: `${name}/file` },
      ]);
    }
    expect(watcher.method).toBe("fanotify");
  });

  it("watches new folders by inotify once it may not mark file systems any more", async () => {
    const at = makeTree();
    fs.chmodSync(folder.path, 0o755);
    const [, next] = await watchTree(at);
    onTestFinished(() => void process.seteuid!(0));
    process.seteuid!(NOBODY);
    // It is only about who may mark: the folder is made by somebody else.
    execFileSync(process.execPath, [
      "-e",
      `process.setuid(0); require("fs").mkdirSync(${JSON.stringify(at("new"))})`,
    ]);
    expect(await next()).toMatchObject([{ type: "create", path: "new" }]);
    process.seteuid!(0);
    fs.writeFileSync(at("new/file"), "");
    expect(await next()).toMatchObject([{ type: "create", path: "new/file" }]);
  });

  it("refuses a file system that cannot be marked", async () => {
    const eio = createEio();
    onTestFinished(() => eio.close());
    const { ready } = eio.watchTree("/proc/self/fdinfo", {
      method: "fanotify",
    });
    await expect(ready).rejects.toMatchObject({
      code: "ERR_EIO_BACKEND_UNAVAILABLE",
      message: expect.stringContaining("fanotify_mark: ") as string,
    });
  });

  it("reports an overflow of the kernel's queue, and then all that differs", async (context) => {
    const limit = "/proc/sys/fs/fanotify/max_queued_events";
    const queued = Number(fs.readFileSync(limit, "latin1"));
    if (queued > 1e5) return context.skip("its queue is too long");
    const at = makeTree("a");
    fs.writeFileSync(at("a/0"), "");
    const program = path.join(import.meta.dirname, "stopped-watcher.mjs");
    const child = spawn(process.execPath, [program, at(".")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("ready");
    // Nobody reads meanwhile, not even another thread.
    child.kill("SIGSTOP");
    const stat = `/proc/${child.pid}/stat`;
    await until(() => fs.readFileSync(stat, "latin1").includes(") T "));
    for (let i = 0; i <= queued; i++)
      fs.renameSync(at(`a/${i}`), at(`a/${i + 1}`));
    fs.renameSync(at("a"), at("renamed"));
    child.kill("SIGCONT");
    const model = new TreeModel();
    const seen: WatchEvent[] = [];
    while (model.lines.join() !== linesOf(at(".")).join()) {
      const batch = JSON.parse((await lines.next()).value as string);
      model.apply(batch as WatchEvent[]);
      seen.push(...(batch as WatchEvent[]));
    }
    expect(seen).toContainEqual({ type: "overflow", reason: "queue" });
    const exit = once(child, "exit");
    child.stdin.end();
    await exit;
  });

  it("reports an overflow when the loop is blocked for longer than there is room for, and then all that differs", async () => {
    const at = makeTree("a");
    const long = (i: number): string => at(`a/${i}-`.padEnd(240, "x"));
    fs.writeFileSync(long(0), "");
    const [, next] = await watchTree(at);
    // Two notices of 256 bytes each, and more than 16 MiB of them.
    const RENAMES = 35_000;
    for (let i = 0; i < RENAMES; i++) fs.renameSync(long(i), long(i + 1));
    const events = await next();
    expect(events[0]).toEqual({ type: "overflow", reason: "queue" });
    // What is missing is found by comparing.
    expect(events.length).toBeLessThan(RENAMES);
    expect(events.at(-1)).toMatchObject({
      type: "rename",
      to: path.relative(at("."), long(RENAMES)),
    });
  });
});
