// IO::AIO's composites: what they leave behind when they go well, fail, and are cancelled; folders listed in the
// order that is requested; working directories.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  Latch,
  ended,
  makeDoor,
  outcome,
  type EioRequest,
} from "../../helpers/eio-door.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { EIO_INVALID_WD } from "../../../src/api/eio/constants.ts";
import { WorkingDirectory } from "../../../src/api/working-directories/working-directory.ts";

const folder = testFolder();
const door = makeDoor();
const ok = [0, undefined];
const fails = (code: string): unknown[] => [-1, code];
const run = async (name: string, ...args: unknown[]): Promise<unknown> =>
  outcome(await ended(door, name, ...args));
const missing = folder.join("missing");
/** Another file system, where a rename does not lead. */
const elsewhere = fs.mkdtempSync("/dev/shm/eio-composites-");
const isElsewhere = fs.statSync(elsewhere).dev !== fs.statSync(folder.path).dev;
afterAll(() => fs.rmSync(elsewhere, { recursive: true }));

function tree(name: string): string {
  const root = folder.join(name);
  fs.mkdirSync(path.join(root, "a/b/c"), { recursive: true });
  fs.mkdirSync(path.join(root, "empty"));
  for (const file of ["one", "a/two", "a/b/three", "a/b/c/four"])
    fs.writeFileSync(path.join(root, file), file);
  fs.symlinkSync("a/two", path.join(root, "link"));
  return root;
}
const listed = (root: string): string =>
  execFileSync("find", [root, "-printf", "%P %y %s %l\n"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => !/ d /.test(line))
    .sort()
    .join("\n");

describe("load and slurp", () => {
  const file = folder.file("loaded", "0123456789");
  it("load reads a whole file", async () => {
    const { result, value } = await ended(door, "load", file);
    expect([result, String(value)]).toEqual([10, "0123456789"]);
    expect(await run("load", missing)).toEqual(fails("ENOENT"));
    expect(await run("load", folder.path)).toEqual(fails("EISDIR"));
  });
  it.each([
    [0, 0, "0123456789"],
    [4, 0, "456789"],
    [4, 3, "456"],
    [-3, 0, "789"],
    [-3, 2, "78"],
    [8, 100, "89"],
    [10, 0, ""],
    [20, 5, ""],
    [0, 4, "0123"],
  ])("slurp(%i, %i) reads %j", async (offset, length, text) => {
    const req = await ended(door, "slurp", file, offset, length);
    expect([req.result, String(req.value)]).toEqual([text.length, text]);
  });
  it("slurp fails with the errno, and leaves no descriptor", async () => {
    expect(await run("slurp", file, -11, 0)).toEqual(fails("EINVAL"));
    expect(await run("slurp", missing, 1, 0)).toEqual(fails("ENOENT"));
    expect(await run("slurp", folder.path, 1, 1)).toEqual(fails("EISDIR"));
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

describe("names that are not UTF-8", () => {
  const byte = (text: string): Buffer => Buffer.from(text, "latin1");
  /** Folders, files and links, in a folder that is named so itself. */
  function oddTree(name: string): Buffer {
    const root = byte(`${folder.path}/${name}-\xe9`);
    const below = (text: string): Buffer => Buffer.concat([root, byte(text)]);
    fs.mkdirSync(below("/d\xe8/\xff/\u00fc"), { recursive: true });
    fs.writeFileSync(below("/d\xe8/\xff/f\xee"), "one");
    fs.writeFileSync(below("/f\xee"), "two");
    fs.symlinkSync(byte("d\xe8/\xff"), below("/l\xef"));
    return root;
  }

  it("are removed with rmtree", async () => {
    const root = oddTree("removed");
    expect(await run("rmtree", root)).toEqual(ok);
    expect(fs.existsSync(root)).toBe(false);
  });

  it("are copied with cptree, links too", async () => {
    const root = oddTree("copied");
    const to = byte(`${folder.path}/copy-\xe9`);
    fs.chmodSync(root, 0o750);
    expect(await run("cptree", root, to)).toEqual(ok);
    expect(fs.readdirSync(to, "latin1").sort()).toEqual(
      fs.readdirSync(root, "latin1").sort(),
    );
    const link = Buffer.concat([to, byte("/l\xef")]);
    expect(fs.readlinkSync(link, "latin1")).toBe("d\xe8/\xff");
    const file = Buffer.concat([to, byte("/d\xe8/\xff/f\xee")]);
    expect(fs.readFileSync(file, "utf8")).toBe("one");
  });

  it.skipIf(!isElsewhere)("are moved to another file system", async () => {
    const root = oddTree("moved");
    const to = byte(`${elsewhere}/moved-\xe9`);
    expect(await run("mvtree", root, to)).toEqual(ok);
    expect(fs.existsSync(root)).toBe(false);
    const file = Buffer.concat([to, byte("/d\xe8/\xff/f\xee")]);
    expect(fs.readFileSync(file, "utf8")).toBe("one");
  });
});

describe("copy", () => {
  it("brings data, times, mode and owner along", async () => {
    const from = folder.file("copied", Buffer.alloc(300_000, "copy"));
    fs.chmodSync(from, 0o640);
    fs.utimesSync(from, 1000.5, 2000.25);
    const to = folder.join("copied to");
    expect(await run("copy", from, to)).toEqual(ok);
    expect(fs.readFileSync(to).equals(fs.readFileSync(from))).toBe(true);
    const { mode, uid, gid, mtimeMs } = fs.statSync(from);
    expect(fs.statSync(to)).toMatchObject({ mode, uid, gid, mtimeMs });
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
  it("replaces a longer file whole, and copies an empty one", async () => {
    const from = folder.file("shorter", "new");
    const to = folder.file("longer", "much longer");
    expect(await run("copy", from, to)).toEqual(ok);
    expect(fs.readFileSync(to, "utf8")).toBe("new");
    const empty = folder.file("nothing", "");
    expect(await run("copy", empty, to)).toEqual(ok);
    expect(fs.readFileSync(to, "utf8")).toBe("");
  });
  it("writes into a FIFO, which stays", async () => {
    const fifo = folder.join("fifo");
    execFileSync("mkfifo", ["-m", "640", fifo]);
    const from = folder.file("for the fifo", Buffer.alloc(300_000, "fifo"));
    const through = new Promise<Buffer>((resolve, reject) =>
      fs.readFile(fifo, (error, data) =>
        error === null ? resolve(data) : reject(error),
      ),
    );
    expect(await run("copy", from, fifo)).toEqual(ok);
    expect((await through).equals(fs.readFileSync(from))).toBe(true);
    const { mode } = fs.lstatSync(fifo);
    expect(mode & (fs.constants.S_IFMT | 0o777)).toBe(
      fs.constants.S_IFIFO | 0o640,
    );
  });

  /** Devices of our own, with the numbers of /dev/null and /dev/full. */
  it.skipIf(process.getuid?.() !== 0)(
    "writes to a device, which stays also after an error",
    async () => {
      const at = fs.mkdtempSync("/dev/eio-composites-");
      try {
        const from = folder.file("for the device", "data");
        for (const [name, minor, outcome] of [
          ["null", "3", ok],
          ["full", "7", fails("ENOSPC")],
        ] as const) {
          const device = path.join(at, name);
          execFileSync("mknod", ["-m", "660", device, "c", "1", minor]);
          const before = fs.lstatSync(device);
          expect(await run("copy", from, device)).toEqual(outcome);
          const { ino, mode, uid, mtimeMs } = fs.lstatSync(device);
          expect([ino, mode, uid, mtimeMs]).toEqual([
            before.ino,
            before.mode,
            before.uid,
            before.mtimeMs,
          ]);
        }
      } finally {
        fs.rmSync(at, { recursive: true });
      }
    },
  );

  it("does not remove what was there before it failed, and follows a link to nothing", async () => {
    const there = folder.file("there before", "there");
    // A folder can be opened and described, but not read.
    expect((await ended(door, "copy", folder.path, there)).result).toBe(-1);
    expect(fs.existsSync(there)).toBe(true);
    fs.symlinkSync("made by the copy", folder.join("dangling"));
    const from = folder.file("for the link", "data");
    expect(await run("copy", from, folder.join("dangling"))).toEqual(ok);
    expect(fs.readFileSync(folder.join("made by the copy"), "utf8")).toBe(
      "data",
    );
  });

  it("leaves nothing behind that is not a copy", async () => {
    const to = folder.join("no copy");
    expect(await run("copy", missing, to)).toEqual(fails("ENOENT"));
    expect((await ended(door, "copy", folder.path, to)).result).toBe(-1);
    expect(fs.existsSync(to)).toBe(false);
    const from = folder.file("has no place", "x");
    expect(await run("copy", from, `${missing}/x`)).toEqual(fails("ENOENT"));
    expect(await run("copy", from, folder.path)).toEqual(fails("EISDIR"));
  });
  it("of a file onto itself loses nothing", async () => {
    const file = folder.file("itself", "still here");
    expect(await run("copy", file, file)).toEqual(fails("EINVAL"));
    expect(fs.readFileSync(file, "utf8")).toBe("still here");
  });
  it("that is cancelled ends as cancelled, and removes what it made", async () => {
    const own = makeDoor({ maxParallel: 1 });
    const latch = new Latch(folder, "copied latch");
    const to = folder.join("never copied");
    const end = new Promise<EioRequest>((resolve) => {
      const grp = own.copy(latch.path, to, 0, resolve);
      const look = (): void => {
        if (own.nready() > 0) return void setImmediate(look);
        own.cancel(grp);
        latch.release();
      };
      setImmediate(look);
    });
    expect(outcome(await end)).toEqual(fails("ECANCELED"));
    expect(fs.existsSync(to)).toBe(false);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
});

describe("move", () => {
  it("renames", async () => {
    const from = folder.file("moved", "x");
    const { ino } = fs.statSync(from);
    const to = folder.join("moved to");
    expect(await run("move", from, to)).toEqual(ok);
    expect(fs.statSync(to).ino).toBe(ino);
    expect(fs.existsSync(from)).toBe(false);
    expect(await run("move", from, to)).toEqual(fails("ENOENT"));
  });
  it.runIf(isElsewhere)("copies to another file system", async () => {
    const from = folder.file("far", "far away");
    fs.chmodSync(from, 0o604);
    const to = path.join(elsewhere, "far");
    expect(await run("move", from, to)).toEqual(ok);
    expect(fs.readFileSync(to, "utf8")).toBe("far away");
    expect(fs.statSync(to).mode & 0o777).toBe(0o604);
    expect(fs.existsSync(from)).toBe(false);
    expect(await run("move", to, `${missing}/x`)).toEqual(fails("ENOENT"));
    expect(fs.existsSync(to)).toBe(true);
  });
});

describe("folders", () => {
  it("scandir splits folders from the rest", async () => {
    const root = tree("scanned");
    const { result, value } = await ended(door, "scandir", root, 0);
    const { dirs, nondirs } = value as { dirs: string[]; nondirs: string[] };
    expect(result).toBe(0);
    expect(dirs.sort()).toEqual(["a", "empty"]);
    expect(nondirs.sort()).toEqual(["link", "one"]);
    expect(await run("scandir", missing, 0)).toEqual(fails("ENOENT"));
    expect(await run("scandir", `${root}/one`, 0)).toEqual(fails("ENOTDIR"));
  });

  it("rmtree removes a tree, and follows no link", async () => {
    const outside = folder.file("outside", "kept");
    const root = tree("removed");
    fs.symlinkSync(folder.path, path.join(root, "a/out"));
    expect(await run("rmtree", root)).toEqual(ok);
    expect(fs.existsSync(root)).toBe(false);
    expect(fs.readFileSync(outside, "utf8")).toBe("kept");
    expect(await run("rmtree", root)).toEqual(fails("ENOENT"));
    expect(await run("rmtree", outside)).toEqual(fails("ENOTDIR"));
    const kept = tree("kept");
    fs.symlinkSync(kept, folder.join("link to kept"));
    expect(await run("rmtree", folder.join("link to kept"))).toEqual(
      fails("ENOTDIR"),
    );
    expect(fs.existsSync(path.join(kept, "one"))).toBe(true);
  });

  it("a rmtree that is cancelled before it begins removes nothing", async () => {
    const own = makeDoor();
    own.set_max_parallel(0);
    const root = tree("not removed");
    const before = listed(root);
    const end = new Promise<EioRequest>((resolve) => {
      own.cancel(own.rmtree(root, 0, resolve));
    });
    expect(outcome(await end)).toEqual(fails("ECANCELED"));
    expect(listed(root)).toBe(before);
  });

  it("pathsync", async () => {
    expect(await run("pathsync", folder.path)).toEqual(ok);
    expect(await run("pathsync", folder.file("synced"))).toEqual(ok);
    expect(await run("pathsync", missing)).toEqual(fails("ENOENT"));
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  it("cptree copies a tree, mvtree moves it", async () => {
    const root = tree("original");
    const before = listed(root);
    const copy = folder.join("copy of tree");
    expect(await run("cptree", root, copy)).toEqual(ok);
    expect(listed(copy)).toBe(before);
    expect(await run("cptree", missing, copy)).toEqual(fails("ENOENT"));
    expect(await run("cptree", root, path.join(root, "a"))).toEqual(
      fails("EINVAL"),
    );
    const moved = folder.join("moved tree");
    expect(await run("mvtree", copy, moved)).toEqual(ok);
    expect([fs.existsSync(copy), listed(moved)]).toEqual([false, before]);
    if (!isElsewhere) return;
    const far = path.join(elsewhere, "tree");
    expect(await run("mvtree", moved, far)).toEqual(ok);
    expect([fs.existsSync(moved), listed(far)]).toEqual([false, before]);
    expect(await run("mvtree", root, far)).toEqual(fails("ENOTEMPTY"));
    expect(listed(root)).toBe(before);
  });
});

describe("readdir", () => {
  const root = folder.join("listed");
  fs.mkdirSync(root);
  for (const dir of ["zdir", "adir"]) fs.mkdirSync(path.join(root, dir));
  for (let i = 0; i < 40; i++) fs.writeFileSync(path.join(root, `f${i}.x`), "");
  fs.symlinkSync("zdir", path.join(root, "link"));
  const names = fs.readdirSync(root).sort();
  const inode = (name: string): number =>
    fs.lstatSync(path.join(root, name)).ino;
  const { EIO_READDIR_DENTS, EIO_READDIR_DIRS_FIRST, EIO_READDIR_STAT_ORDER } =
    door.constants;

  it("gives names, without dots", async () => {
    const req = await ended(door, "readdir", root, 0);
    expect([...(req.value as string[])].sort()).toEqual(names);
    expect([req.result, req.dents, req.int1]).toEqual([43, undefined, 0]);
    expect(req.names).toEqual(req.value);
  });
  it("gives entries with types and inodes", async () => {
    const req = await ended(door, "readdir", root, EIO_READDIR_DENTS);
    const entries = req.dents!.map(({ name, type, inode }) => [
      name,
      type,
      inode,
    ]);
    const types: Record<string, number> = { zdir: 4, adir: 4, link: 10 };
    expect(entries.sort()).toEqual(
      names.map((name) => [name, types[name] ?? 8, inode(name)]),
    );
    expect([...req.names!].sort()).toEqual(names);
  });
  it("puts folders first, inodes in order", async () => {
    const both = EIO_READDIR_DIRS_FIRST | EIO_READDIR_STAT_ORDER;
    const flags = EIO_READDIR_DENTS | both;
    const req = await ended(door, "readdir", root, flags);
    const [first, second, ...rest] = req.dents!;
    expect([first!.name, second!.name].sort()).toEqual(["adir", "zdir"]);
    const inodes = rest.map(({ inode }) => inode);
    expect(inodes).toEqual([...inodes].sort((a, b) => a - b));
    // Without DENTS the flags that sort are not heard; readdirx hears them.
    const plain = await ended(door, "readdir", root, both);
    expect(plain.int1).toBe(0);
    const x = await ended(door, "readdirx", root, both);
    expect(x.names!.slice(0, 2).sort()).toEqual(["adir", "zdir"]);
    expect(x.dents).toBeUndefined();
  });
  it("fails with the errno", async () => {
    expect(await run("readdir", missing, 0)).toEqual(fails("ENOENT"));
    expect(await run("readdir", folder.file("no dir"), 0)).toEqual(
      fails("ENOTDIR"),
    );
  });
  it("lists more than a slot has room for", async () => {
    const large = folder.join("large");
    fs.mkdirSync(large);
    const long = "n".repeat(200);
    for (let i = 0; i < 2000; i++)
      fs.writeFileSync(path.join(large, `${long}${i}`), "");
    const req = await ended(door, "readdir", large, EIO_READDIR_DENTS);
    expect(req.result).toBe(2000);
    expect(new Set(req.names).size).toBe(2000);
    expect(req.dents!.every(({ inode, type }) => inode > 0 && type === 8)).toBe(
      true,
    );
  });
});

describe("working directories", () => {
  it("start paths, whatever becomes of the folder's name", async () => {
    const root = tree("wd");
    const opened = await ended(door, "wd_open", root);
    const wd = opened.value as WorkingDirectory;
    expect(opened.result).toBe(0);
    expect(wd).toBeInstanceOf(WorkingDirectory);
    fs.renameSync(root, `${root} renamed`);
    expect(await run("stat", [wd, "one"])).toEqual(ok);
    expect(await run("stat", [wd, "two"])).toEqual(fails("ENOENT"));
    expect(await run("statvfs", [wd, "a"])).toEqual(ok);
    expect(await run("mkdir", [wd, "made"], 0o777)).toEqual(ok);
    expect(await run("rename", [wd, "one"], [wd, "made/one"])).toEqual(ok);
    expect(await run("symlink", "one", [wd, "made/link"])).toEqual(ok);
    const link = await ended(door, "readlink", [wd, "made/link"]);
    expect(link.value).toBe("one");
    expect((await ended(door, "readdir", [wd, "made"], 0)).result).toBe(2);
    const loaded = await ended(door, "load", [wd, "made/one"]);
    expect(String(loaded.value)).toBe("one");
    expect(await run("copy", [wd, "made/one"], [wd, "copied"])).toEqual(ok);
    expect(await run("rmtree", [wd, "made"])).toEqual(ok);
    expect(fs.readdirSync(`${root} renamed`).sort()).toEqual([
      "a",
      "copied",
      "empty",
      "link",
    ]);
    const byOption = await new Promise((resolve) =>
      door.stat("copied", 0, (r) => resolve(r.result), 0, { wd }),
    );
    expect(byOption).toBe(0);
    const statx = await ended(door, "statx", [wd, "copied"], 0, 0);
    expect(statx.value).toMatchObject({ size: 3 });
    expect(await run("wd_close", wd)).toEqual(ok);
    expect(await run("stat", [wd, "copied"])).toEqual(fails("ENOENT"));
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });
  it("that cannot be opened are invalid", async () => {
    const opened = await ended(door, "wd_open", missing);
    expect(outcome(opened)).toEqual(fails("ENOENT"));
    expect(opened.value).toBe(EIO_INVALID_WD);
    expect(await run("wd_open", folder.file("not a folder"))).toEqual(
      fails("ENOTDIR"),
    );
  });
});
