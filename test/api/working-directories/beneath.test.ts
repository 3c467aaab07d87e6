// No path leaves a folder that was opened with `beneath`: a corpus of ways out, for every operation
// there is. What lies outside is looked at afterwards: nothing of it may have changed.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import {
  afterAll,
  beforeEach,
  describe,
  expect,
  it,
  type TestContext,
} from "vitest";
import { Eio } from "../../../src/api/create.ts";
import { Instance } from "../../../src/api/instance/instance.ts";
import type { WorkingDirectory } from "../../../src/api/working-directories/working-directory.ts";
import { opNames, ops } from "../../../src/ops/table.ts";
import { testFolder } from "../../helpers/files.ts";
import { operations, withoutFolder } from "./operations.ts";
import { buildTree, names, outside, waysOut } from "./ways-out.ts";

const instance = new Instance({ maxParallel: 2 });
const { engine } = instance;
const eio = new Eio(() => instance);
afterAll(() => eio.close());
const base = testFolder();
let root = "";
let wd: WorkingDirectory;

beforeEach(async () => {
  root = buildTree(base);
  wd = await eio.wd(`${root}/in`, { beneath: true });
  return () => wd.close();
});

describe("no way leads out by", () => {
  it.each(Object.entries(operations))("%s", async (name, operation) => {
    const before = outside(root);
    for (const path of waysOut(root, name, operation)) {
      const run = operation.run({ eio, engine, wd }, path);
      const code = await Promise.resolve(run).then(
        () => "done",
        (error: NodeJS.ErrnoException) => error.code,
      );
      // A link is no folder that could be removed, whatever is behind it.
      const refused = name === "rmdir" && /(up|outside)\/$/.test(path);
      expect([path, code]).toEqual([path, refused ? "ENOTDIR" : "EXDEV"]);
    }
    expect(outside(root)).toEqual(before);
  });

  it("a pattern", async () => {
    const patterns = ["../*", "up/*", "outside/**", `${root}/**`, "*/../../**"];
    for await (const found of wd.promises.glob(patterns))
      expect(found).not.toMatch(/secret|outside\/./);
    const follow = { followSymlinks: true } as never;
    for await (const found of wd.promises.glob("**", follow))
      expect(found).not.toMatch(/outside\/./);
  });

  it("the entries below an open folder", async () => {
    const dir = await wd.promises.opendir(".", { recursive: true });
    const found = [];
    for await (const { name } of dir) found.push(name);
    expect(found).toContain("inner");
    expect(found).not.toContain("link");
    const sync = await wd.promises.opendir(".", { recursive: true });
    expect(() => {
      while (sync.readSync() !== null);
    }).toThrow(expect.objectContaining({ code: "ERR_EIO_WD" }));
  });

  it("a link in a tree that is copied, listed or removed", async () => {
    const before = outside(root);
    const { cp, readdir, rm } = wd.promises;
    expect(await readdir(".", { recursive: true })).not.toContain("up/outside");
    const dereference = cp("folder", "tree", {
      recursive: true,
      dereference: true,
    });
    await expect(dereference).rejects.toMatchObject({ code: "EXDEV" });
    await cp("folder", "copied", { recursive: true, verbatimSymlinks: true });
    expect(fs.readlinkSync(`${root}/in/copied/up`)).toBe("../..");
    for (const name of ["outside", "up", "folder", "copied"])
      await rm(name, { recursive: true });
    expect(outside(root)).toEqual(before);
  });

  it("a magic link of /proc", async () => {
    await using proc = await eio.wd("/proc/self", { beneath: true });
    for (const path of [
      "cwd/file",
      "root/etc/passwd",
      `fd/${wd.fd}/file`,
      "exe",
    ])
      await expect(proc.promises.readFile(path)).rejects.toMatchObject({
        code: "ELOOP",
      });
  });
});

describe("what does not follow the last part", () => {
  const links = {
    unlink: "to-file",
    rm: "to-file",
    lstat: "to-file",
    lutimes: "to-file",
  };
  it.each(Object.entries(links))(
    "%s works on the link itself",
    async (name, path) => {
      const before = outside(root);
      await operations[name]!.run({ eio, engine, wd }, path);
      expect(outside(root)).toEqual(before);
    },
  );

  it("renames and links the link itself", async () => {
    const before = outside(root);
    await wd.promises.rename("to-file", "renamed");
    await wd.promises.link("renamed", "linked");
    expect(fs.readlinkSync(`${root}/in/linked`)).toBe("../outside/file");
    await wd.promises.rename("file", "linked");
    expect(outside(root)).toEqual(before);
  });

  it.each(["lstat", "lchown", "lutimes", "readlink", "link from"])(
    "%s follows it all the same where a slash is behind it, and not out",
    async (name) => {
      for (const path of ["up/", "outside//", "to-folder/", "chain/."])
        await expect(
          operations[name]!.run({ eio, engine, wd }, path),
          path,
        ).rejects.toMatchObject({ code: "EXDEV" });
    },
  );
});

it("goes on when the folder itself is renamed, and keeps within it", async () => {
  fs.mkdirSync(`${root}/else`);
  fs.renameSync(`${root}/in`, `${root}/else/in`);
  expect(await wd.promises.readFile("file", "utf8")).toBe("content");
  await expect(wd.promises.readFile("../in/file")).rejects.toThrow("EXDEV");
});

describe("a file system that is mounted in the folder", () => {
  const mounted = (context: TestContext): void => {
    try {
      execFileSync(
        "mount",
        ["--bind", `${root}/outside`, `${root}/in/folder`],
        {
          stdio: "ignore",
        },
      );
    } catch {
      context.skip("it takes root to mount");
    }
    context.onTestFinished(() => {
      execFileSync("umount", [`${root}/in/folder`]);
    });
  };

  it("is in the folder", async (context) => {
    mounted(context);
    expect(await wd.promises.readFile("folder/file", "utf8")).toBe("secret");
  });

  it("is not, with xdev: false", async (context) => {
    mounted(context);
    await using kept = await eio.wd(`${root}/in`, {
      beneath: true,
      xdev: false,
    });
    const sides = { eio, engine, wd: kept };
    for (const [name, { wants, run }] of Object.entries(operations)) {
      const target = name === "readlink" ? "link" : names[wants];
      const path = wants === "folder" ? "folder" : `folder/${target}`;
      const code = await Promise.resolve(run(sides, path)).then(
        () => "done",
        (error: NodeJS.ErrnoException) => error.code,
      );
      expect([name, code]).toEqual([
        name,
        name === "rmdir" ? "EBUSY" : "EXDEV",
      ]);
    }
  });
});

it("has every op that takes a path in its table, or says why not", () => {
  const covered = Object.values(operations).flatMap((one) => one.ops);
  const takePaths = opNames.filter((name) =>
    ops[name].params.some(
      ([param, kind]) => kind === "path" || param === "paths",
    ),
  );
  const missing = takePaths.filter(
    (name) => !covered.includes(name) && !(name in withoutFolder),
  );
  expect(missing).toEqual([]);
  for (const name of Object.keys(withoutFolder))
    expect(covered).not.toContain(name);
});
