// What a watched tree reports, by each method that this machine has: one change at a time, with the events that it has to be.
import fs from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import type { WatchEvent } from "../../../src/api/watch-tree/events.ts";
import type { WatchTreeOptions } from "../../../src/api/watch-tree/options.ts";
import type { TreeWatcher } from "../../../src/api/watch-tree/watch-tree.ts";
import { until } from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { methods } from "./methods.ts";
import { TreeModel, linesOf } from "./model.ts";

const folder = testFolder();
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;
let made = 0;

interface Watched {
  eio: Eio;
  watcher: TreeWatcher;
  /** Absolute, of a path in the tree. */
  at: (name: string) => string;
  /** Makes changes, and says what is reported of them. */
  changes: (make: () => void) => Promise<string[]>;
}

/** A tree of folders (with a slash at the end) and files, watched. */
async function watch(
  entries: string[],
  options: WatchTreeOptions = {},
): Promise<Watched> {
  const home = folder.join(`tree-${made++}`);
  fs.mkdirSync(home);
  const at = (name: string): string => `${home}/${name}`;
  fill(at, entries);
  const eio = createEio();
  const watcher = eio.watchTree(home, options) as TreeWatcher;
  onTestFinished(async () => {
    await watcher.close();
    await eio.close();
  });
  await watcher.ready;
  return { eio, watcher, at, changes: (make) => reported(watcher, at, make) };
}

function fill(at: (name: string) => string, entries: string[]): void {
  for (const name of entries)
    if (name.endsWith("/")) fs.mkdirSync(at(name));
    else fs.writeFileSync(at(name), name);
}

let ends = 0;

/** What is reported until the last change is, which is made here. */
async function reported(
  watcher: TreeWatcher,
  at: (name: string) => string,
  make: () => void,
): Promise<string[]> {
  make();
  const end = `end-${ends++}`;
  fs.writeFileSync(at(end), "");
  const lines: string[] = [];
  for (;;) {
    const { value } = await watcher[Symbol.asyncIterator]().next();
    const events = value as WatchEvent[];
    lines.push(...events.map(lineOf).filter((line) => !/ end-\d+$/.test(line)));
    if (events.some((event) => lineOf(event) === `create ${end}`)) return lines;
  }
}

function lineOf(event: WatchEvent): string {
  if (event.type === "rename" || event.type === "exchange")
    return `${event.type} ${event.from} ${event.to}`;
  if (event.type === "overflow") return `overflow ${event.reason}`;
  return `${event.type} ${event.path}`;
}

describe.each(methods)("watchTree by %s", (method) => {
  it("says by what it watches, and why", async () => {
    const { watcher } = await watch([], { method });
    expect(watcher.method).toBe(method);
    expect(watcher.reason).toMatch(/native code|option/);
  });

  it("reports what is created, written and removed", async () => {
    const { at, changes } = await watch(["old", "a/", "a/file"], { method });
    const lines = await changes(() => {
      fs.writeFileSync(at("a/new"), "1");
      fs.appendFileSync(at("a/file"), "more");
      fs.unlinkSync(at("old"));
    });
    expect(lines.sort()).toEqual([
      "create a/new",
      "modify a/file",
      "remove old",
    ]);
  });

  it("describes what it reports: kind, size and time", async () => {
    const { at, watcher } = await watch([], { method });
    fs.writeFileSync(at("file"), "12345");
    fs.utimesSync(at("file"), 1, 1234.5);
    const { value } = await watcher[Symbol.asyncIterator]().next();
    expect(value).toEqual([
      {
        ...{ type: "create", path: "file", kind: "file" },
        ...{ size: 5, mtimeMs: 1_234_500 },
      },
    ]);
  });

  it("reports a change of the mode and of the times as modify", async () => {
    const { at, changes } = await watch(["a", "b"], { method });
    const lines = await changes(() => {
      fs.chmodSync(at("a"), 0o600);
      fs.utimesSync(at("b"), 1, 1);
    });
    expect(lines.sort()).toEqual(["modify a", "modify b"]);
  });

  it("reports a renamed file or folder once, with both names", async () => {
    const entries = ["a/", "a/deep/", "a/deep/file", "b/", "c"];
    const { at, changes } = await watch(entries, { method });
    const lines = await changes(() => {
      fs.renameSync(at("a/deep"), at("b/deeper"));
      fs.renameSync(at("c"), at("a/c"));
    });
    expect(lines.sort()).toEqual(["rename a/deep b/deeper", "rename c a/c"]);
    // It is followed where it is now.
    expect(await changes(() => fs.unlinkSync(at("b/deeper/file")))).toEqual([
      "remove b/deeper/file",
    ]);
  });

  it("reports a rename into a folder that has just been made as one", async () => {
    const entries = ["a/", "a/deep/", "a/deep/file", "b"];
    const { at, changes } = await watch(entries, { method });
    const lines = await changes(() => {
      fs.mkdirSync(at("new"));
      fs.renameSync(at("a"), at("new/a"));
      fs.renameSync(at("b"), at("new/a/b"));
    });
    // Either of them first.
    const others = lines.filter((line) => !line.startsWith("rename b "));
    expect(others).toEqual(["create new", "rename a new/a"]);
    expect(lines.filter((line) => line.startsWith("rename b "))).toHaveLength(
      1,
    );
  });

  it("reports what is replaced by a rename as removed before", async () => {
    const { at, changes } = await watch(["a", "b", "c/", "d/"], { method });
    const lines = await changes(() => {
      fs.renameSync(at("a"), at("b"));
      fs.renameSync(at("c"), at("d"));
    });
    expect(lines.filter((line) => line.endsWith("b"))).toEqual([
      "remove b",
      "rename a b",
    ]);
    expect(lines.filter((line) => line.endsWith("d"))).toEqual([
      "remove d",
      "rename c d",
    ]);
  });

  it("reports a file that is written beside and renamed over it as modified", async () => {
    const { at, changes } = await watch(["file"], { method });
    const lines = await changes(() => {
      fs.writeFileSync(at("temporary"), "new content");
      fs.renameSync(at("temporary"), at("file"));
    });
    expect(lines).toEqual(["modify file"]);
  });

  it("reports what leaves the tree as removed, and what comes as created, with all that is in it", async () => {
    const { at, changes } = await watch(["a/", "a/b/", "a/b/c"], { method });
    const outside = folder.join(`outside-${made++}`);
    expect(await changes(() => fs.renameSync(at("a"), outside))).toEqual([
      "remove a/b/c",
      "remove a/b",
      "remove a",
    ]);
    fs.writeFileSync(`${outside}/b/d`, "");
    const lines = await changes(() => fs.renameSync(outside, at("back")));
    expect(lines.slice(0, 2)).toEqual(["create back", "create back/b"]);
    expect(lines.slice(2).sort()).toEqual([
      "create back/b/c",
      "create back/b/d",
    ]);
  });

  it("reports nothing of what is created and removed within a batch, and many writes once", async () => {
    const { at, changes } = await watch(["file"], { method });
    const lines = await changes(() => {
      fs.mkdirSync(at("gone"));
      fs.writeFileSync(at("gone/file"), "");
      fs.rmSync(at("gone"), { recursive: true });
      for (let i = 0; i < 20; i++) fs.appendFileSync(at("file"), "x");
    });
    expect(lines).toEqual(["modify file"]);
  });

  it("reports a folder that is replaced by another as removed and created", async () => {
    const { at, changes } = await watch(["a/", "a/old"], { method });
    const lines = await changes(() => {
      fs.rmSync(at("a"), { recursive: true });
      fs.mkdirSync(at("a"));
      fs.writeFileSync(at("a/new"), "");
    });
    const model = new Set(lines);
    expect(model.has("remove a/old")).toBe(true);
    expect(model.has("create a/new")).toBe(true);
    expect(await changes(() => fs.unlinkSync(at("a/new")))).toEqual([
      "remove a/new",
    ]);
  });

  it("gives what is there as the first batch with `initial`, folders before what is in them", async () => {
    const entries = ["a/", "a/b/", "a/b/c", "d"];
    const { watcher } = await watch(entries, { method, initial: true });
    const { value } = await watcher[Symbol.asyncIterator]().next();
    const lines = (value as WatchEvent[]).map(lineOf);
    expect([...lines].sort()).toEqual([
      "create a",
      "create a/b",
      "create a/b/c",
      "create d",
    ]);
    expect(lines.indexOf("create a/b/c")).toBeGreaterThan(
      lines.indexOf("create a/b"),
    );
  });

  it("does not look into what is ignored, by glob, expression or function", async () => {
    const ignore = [
      "node_modules",
      "build/*.map",
      /\.tmp$/,
      (path: string) => path.startsWith("secret"),
    ];
    const entries = ["node_modules/", "a/", "a/node_modules/", "build/"];
    const { at, changes } = await watch(entries, { method, ignore });
    const lines = await changes(() => {
      fill(at, [
        "node_modules/x",
        "a/node_modules/x",
        "build/x.map",
        "build/x.js",
        "a/x.tmp",
        "secret",
        "a/seen",
      ]);
    });
    expect(lines.sort()).toEqual(["create a/seen", "create build/x.js"]);
  });

  it("reports what becomes ignored as removed, and what is not any more as created", async () => {
    const entries = ["a/", "a/x", "file"];
    const ignore = ["*.tmp", "hidden/x"];
    const { at, changes } = await watch(entries, { method, ignore });
    const ignored = await changes(() => {
      fs.renameSync(at("file"), at("file.tmp"));
      fs.renameSync(at("a"), at("hidden"));
    });
    expect(ignored.sort()).toEqual([
      "remove file",
      "remove hidden/x",
      "rename a hidden",
    ]);
    const seen = await changes(() => {
      fs.renameSync(at("file.tmp"), at("file"));
      fs.renameSync(at("hidden"), at("a"));
    });
    expect(seen.sort()).toEqual([
      "create a/x",
      "create file",
      "rename hidden a",
    ]);
  });

  it.skipIf(process.platform !== "linux")(
    "gives names of any bytes with `encoding: buffer`",
    async () => {
      const { watcher, at } = await watch(["ä/"], {
        method,
        encoding: "buffer",
      });
      const name = Buffer.concat([
        Buffer.from(at("ä/")),
        Buffer.of(0xff, 0x61),
      ]);
      fs.writeFileSync(name, "");
      const { value } = await watcher[Symbol.asyncIterator]().next();
      const [event] = value as unknown as WatchEvent<Buffer>[];
      expect(event).toMatchObject({ type: "create" });
      expect((event as { path: Buffer }).path).toEqual(
        Buffer.concat([Buffer.from("ä/"), Buffer.of(0xff, 0x61)]),
      );
    },
  );

  it("ends with ENOENT when the folder itself is removed or renamed", async () => {
    for (const end of [
      fs.rmdirSync,
      (path: string) => fs.renameSync(path, `${path}-gone`),
    ]) {
      const { watcher, at } = await watch([], { method });
      const next = watcher[Symbol.asyncIterator]().next();
      end(at("").slice(0, -1));
      await expect(next).rejects.toMatchObject({
        ...{ code: "ENOENT", syscall: "watch", path: at("").slice(0, -1) },
      });
    }
  });

  it("rejects where there is no folder", async () => {
    const eio = createEio();
    onTestFinished(() => eio.close());
    const missing = eio.watchTree(folder.join("missing"), { method });
    await expect(missing.ready).rejects.toMatchObject({ code: "ENOENT" });
    const file = eio.watchTree(folder.file(`file-${method}`), { method });
    const next = file[Symbol.asyncIterator]().next();
    await expect(next).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it.each(["", Buffer.alloc(0)])(
    "rejects for the empty path %o instead of watching the current folder",
    async (empty) => {
      const eio = createEio();
      onTestFinished(() => eio.close());
      const watcher = eio.watchTree(empty, { method });
      const error = { code: "ENOENT", syscall: "watch", path: "" };
      await expect(watcher.ready).rejects.toMatchObject(error);
      const next = watcher[Symbol.asyncIterator]().next();
      await expect(next).rejects.toMatchObject(error);
    },
  );

  it("ends where it waits: by its signal with an AbortError, by close() without", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = await watch(["a/"], { method, signal });
    const next = aborted.watcher[Symbol.asyncIterator]().next();
    controller.abort("enough");
    await expect(next).rejects.toMatchObject({
      ...{ name: "AbortError", cause: "enough" },
    });
    const closed = await watch(["a/"], { method });
    const last = closed.watcher[Symbol.asyncIterator]().next();
    await closed.watcher.close();
    expect(await last).toEqual({ value: undefined, done: true });
  });

  it("ends with ERR_EIO_CLOSED where it waits when its instance is closed", async () => {
    const { eio, watcher } = await watch(["a/"], { method });
    const next = watcher[Symbol.asyncIterator]().next();
    const failing = expect(next).rejects.toMatchObject({
      code: "ERR_EIO_CLOSED",
    });
    await eio.close();
    await failing;
    await watcher.close();
    const late = eio.watchTree(folder.path, { method });
    await expect(late.ready).rejects.toMatchObject({ code: "ERR_EIO_CLOSED" });
  });

  it("ends with the loop that is left, and leaves no descriptor behind", async () => {
    const instances = (): number =>
      method === "node" ? 0 : groupsOpen(method);
    // Those of other tests: the kernel takes its time to close them.
    if (method === "fanotify") await until(() => instances() === 0);
    const before = instances();
    const { watcher, at } = await watch(["a/"], { method });
    expect(instances()).toBe(method === "node" ? 0 : before + 1);
    fs.writeFileSync(at("a/file"), "");
    for await (const batch of watcher) {
      expect(batch.length).toBe(1);
      break;
    }
    await until(() => instances() === before);
    if (process.platform === "linux")
      expect(descriptorsBelow(at(""))).toEqual([]);
  });

  // Whoever may mark a file system may read all folders.
  it.skipIf(!isRoot || method === "fanotify")(
    "reports a folder that it may not read once, and goes on",
    async () => {
      const home = folder.join(`denied-${method}`);
      fs.mkdirSync(`${home}/closed/below`, { recursive: true });
      fs.chmodSync(folder.path, 0o755);
      fs.chownSync(home, NOBODY, NOBODY);
      fs.chmodSync(`${home}/closed`, 0o700);
      const eio = createEio();
      onTestFinished(async () => {
        process.seteuid!(0);
        await watcher.close();
        await eio.close();
      });
      process.seteuid!(NOBODY);
      const watcher = eio.watchTree(home, { method });
      const batches = watcher[Symbol.asyncIterator]();
      const { value } = await batches.next();
      expect(value).toMatchObject([
        { type: "unreadable", path: "closed", error: { code: "EACCES" } },
      ]);
      process.seteuid!(0);
      fs.writeFileSync(`${home}/file`, "");
      const second = await batches.next();
      expect((second.value as WatchEvent[]).map(lineOf)).toEqual([
        "create file",
      ]);
      fs.chmodSync(`${home}/closed`, 0o755);
      const third = await batches.next();
      expect((third.value as WatchEvent[]).map(lineOf)).toEqual([
        "modify closed",
        "create closed/below",
      ]);
    },
  );

  it("runs its requests in the lane that is named", async () => {
    const eio = createEio();
    onTestFinished(() => eio.close());
    const watcher = eio.watchTree(folder.path, { method, lane: "none" });
    await expect(watcher.ready).rejects.toMatchObject({
      code: "ERR_EIO_UNKNOWN_LANE",
    });
  });
});

it.each(methods.filter((method) => method !== "node"))(
  "reports folders that were exchanged in one step as exchanged, by %s",
  async (method) => {
    const entries = ["a/", "a/x", "b/", "b/y"];
    const { eio, at, watcher } = await watch(entries, { method });
    const RENAME_EXCHANGE = 2;
    await eio.sys.renameat2(at("a"), at("b"), RENAME_EXCHANGE);
    const { value } = await watcher[Symbol.asyncIterator]().next();
    expect((value as WatchEvent[]).map(lineOf)).toEqual(["exchange a b"]);
  },
);

it("reports an overflow of the kernel's queue, and then all that differs", async (context) => {
  if (!methods.includes("inotify"))
    return context.skip("for want of the addon");
  const limit = "/proc/sys/fs/inotify/max_queued_events";
  const queued = Number(fs.readFileSync(limit, "latin1"));
  const { at, watcher } = await watch(["a/", "a/file", "b/", "b/file", "c"]);
  const model = new TreeModel();
  const root = at("").slice(0, -1);
  model.apply([
    ...["a", "b"].map((path) => created(path, "directory")),
    ...["a/file", "b/file", "c"].map((path) => created(path, "file")),
  ]);
  // Nothing is read meanwhile: the loop is blocked.
  for (let i = 0; i <= queued; i++)
    fs.utimesSync(at(i % 2 === 0 ? "a/file" : "b/file"), i, i);
  fs.renameSync(at("a"), at("renamed"));
  fs.writeFileSync(at("renamed/new"), "");
  fs.unlinkSync(at("c"));
  fs.appendFileSync(at("b/file"), "more");
  const lines: string[] = [];
  for await (const batch of watcher) {
    model.apply(batch);
    lines.push(...batch.map(lineOf));
    if (model.lines.join() === linesOf(root).join()) break;
  }
  expect(lines[0]).toBe("overflow queue");
  expect(lines).toContain("rename a renamed");
  expect(lines).toContain("create renamed/new");
  expect(lines).toContain("remove c");
  expect(lines).toContain("modify b/file");
});

const created = (path: string, kind: "file" | "directory"): WatchEvent => ({
  type: "create",
  path,
  kind,
  size: kind === "file" ? path.length : 0,
  mtimeMs: 0,
});

it("refuses a method that this machine lacks, and options that it does not know", () => {
  const eio = createEio({ backend: "pool" });
  onTestFinished(() => eio.close());
  const watching = (options: object) => () =>
    void eio.watchTree(folder.path, options);
  for (const method of ["inotify", "fanotify"])
    expect(watching({ method })).toThrow(
      expect.objectContaining({ code: "ERR_EIO_BACKEND_UNAVAILABLE" }),
    );
  for (const options of [
    { ignored: "*" },
    { ignore: 1 },
    { debounce: -1 },
    { method: "magic" },
    { encoding: "hex" },
    { initial: 1 },
    { pollMs: 0 },
  ])
    expect(watching(options)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }),
    );
});

/** Instances of inotify, or groups of fanotify, of this process. */
function groupsOpen(method: "inotify" | "fanotify"): number {
  const link =
    method === "inotify" ? "anon_inode:inotify" : "anon_inode:[fanotify]";
  return fs.readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`) === link;
    } catch {
      return false;
    }
  }).length;
}
