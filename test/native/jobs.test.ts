// Whole jobs in C when system calls fail, or do a part of what was requested, in the middle of them: what the
// caller gets, what is left on the disk, and that nothing stays open.
import { fault, noFaults, noMoreFaults, struck } from "../helpers/faults.ts";
import fs from "node:fs";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { pattern } from "../helpers/bytes.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const ALWAYS = 1 << 30;
const [EIO, EACCES, EEXIST, EBUSY, EXDEV, ENOSPC] = [5, 13, 17, 16, 18, 28].map(
  (errno) => -errno,
) as [number, number, number, number, number, number];

const eio = createEio({ backend: "threads" });
const folder = testFolder();
const content = pattern(300_000);

afterEach(() => {
  noMoreFaults();
  expect(descriptorsBelow(folder.path)).toEqual([]);
});
afterAll(() => eio.close());

let made = 0;
/** A folder of its own for each test. */
function fresh(): string {
  const path = folder.join(String(made++));
  fs.mkdirSync(path);
  return path;
}

/** Three levels of folders, three files in each, and a link. */
function makeTree(): string {
  const root = fresh();
  const fill = (at: string, depth: number): void => {
    for (const name of ["a", "b", "c"]) {
      fs.writeFileSync(`${at}/${name}`, content.subarray(0, 20_000 * depth));
      if (depth === 0) continue;
      fs.mkdirSync(`${at}/in-${name}`);
      fill(`${at}/in-${name}`, depth - 1);
    }
  };
  fill(root, 2);
  fs.symlinkSync("in-a", `${root}/link`);
  return root;
}

const namesIn = (root: string): string[] =>
  fs.readdirSync(root, { recursive: true, encoding: "utf8" }).sort();

const skipped = noFaults !== null;

describe.skipIf(skipped)("writeFile", () => {
  it("goes on after short writes", async () => {
    const path = `${fresh()}/file`;
    fault("write", 1000, ALWAYS);
    await eio.promises.writeFile(path, content);
    expect(struck("write")).toBe(300);
    expect(fs.readFileSync(path).equals(content)).toBe(true);
  });

  it.each([
    ["write", ENOSPC, "ENOSPC"],
    ["fsync", EIO, "EIO"],
    ["close", EIO, "EIO"],
  ] as const)("rejects when %s fails", async (syscall, errno, code) => {
    const path = `${fresh()}/file`;
    fault(syscall, errno);
    const options = { flush: true } as object;
    const writing = eio.promises.writeFile(path, content, options);
    await expect(writing).rejects.toMatchObject({ code, syscall });
  });
});

describe.skipIf(skipped)("readFile", () => {
  it("rejects when a read in the middle fails", async () => {
    const path = folder.file("read", content);
    fault("read", EIO);
    const reading = eio.promises.readFile(path);
    await expect(reading).rejects.toMatchObject({
      code: "EIO",
      syscall: "read",
    });
  });
});

describe.skipIf(skipped)("writeFileAtomic", () => {
  it("goes on after short writes", async () => {
    const path = `${fresh()}/file`;
    fault("write", 1000, ALWAYS);
    await eio.writeFileAtomic(path, content);
    expect(struck("write")).toBe(300);
    expect(fs.readFileSync(path).equals(content)).toBe(true);
  });

  it.each([
    ["write", ENOSPC, "ENOSPC"],
    ["fsync", EIO, "EIO"],
    ["close", EIO, "EIO"],
    ["rename", EACCES, "EACCES"],
  ] as const)(
    "leaves the old file, and nothing beside it, when %s fails",
    async (syscall, errno, code) => {
      const root = fresh();
      const path = `${root}/file`;
      fs.writeFileSync(path, "before");
      await eio.writeFileAtomic(path, "before");
      fault(syscall, errno);
      const writing = eio.writeFileAtomic(path, "after");
      await expect(writing).rejects.toMatchObject({ code, syscall, path });
      expect(fs.readdirSync(root)).toEqual(["file"]);
      expect(fs.readFileSync(path, "utf8")).toBe("before");
    },
  );
});

describe.skipIf(skipped)("mkdir", () => {
  it("names the folder in between that cannot be made", async () => {
    const root = fresh();
    const path = `${root}/x/y/z`;
    // x/y/z and x/y have nothing to lie in, x is made.
    fault("mkdir", EACCES, 1, 3);
    const making = eio.promises.mkdir(path, { recursive: true });
    await expect(making).rejects.toMatchObject({
      code: "EACCES",
      syscall: "mkdir",
      path: `${root}/x/y`,
    });
    expect(namesIn(root)).toEqual(["x"]);
  });
});

describe.skipIf(skipped)("mkdtemp", () => {
  it("takes another name as long as there is one already", async () => {
    const root = fresh();
    fault("mkdir", EEXIST, 3);
    const path = await eio.promises.mkdtemp(`${root}/new-`);
    expect(struck("mkdir")).toBe(3);
    expect(fs.readdirSync(root)).toEqual([path.slice(root.length + 1)]);
    expect(fs.statSync(path).mode & 0o777).toBe(0o700);
  });
});

describe.skipIf(skipped)("realpath, link by link", () => {
  it("reports the part of the path that could not be looked at", async () => {
    const root = fresh();
    const parts = root.split("/");
    fault("statx", EACCES, 1, 1);
    const error = await new Promise((resolve) =>
      eio.fs.realpath(root, resolve),
    );
    expect(error).toMatchObject({
      code: "EACCES",
      syscall: "lstat",
      path: `/${parts[1]}/${parts[2]}`,
    });
  });
});

describe.skipIf(skipped)("readdir", () => {
  it("looks types up that the file system leaves out", async () => {
    const root = makeTree();
    const { readdir, opendir } = eio.promises;
    const list = async (): Promise<unknown> => {
      const found: string[] = [];
      for await (const { name, isDirectory } of await opendir(root))
        found.push(`${name} ${typeof isDirectory}`);
      return [
        await readdir(root, { withFileTypes: true }),
        await readdir(root, { withFileTypes: true, recursive: true }),
        await readdir(root, { recursive: true }),
        found,
      ];
    };
    const known = await list();
    fault("getdents", 1, ALWAYS);
    expect(await list()).toEqual(known);
    expect(struck("getdents")).toBeGreaterThan(40);
  });

  it("rejects when the folder cannot be read to its end", async () => {
    const root = makeTree();
    fault("getdents", EIO, 1, 1);
    await expect(eio.promises.readdir(root)).rejects.toMatchObject({
      code: "EIO",
      syscall: "scandir",
      path: root,
    });
  });
});

describe.skipIf(skipped)("rm", () => {
  it("retries what was busy, as maxRetries allows", async () => {
    const root = makeTree();
    fault("unlink", EBUSY, 1, 20);
    await eio.promises.rm(root, {
      recursive: true,
      maxRetries: 1,
      retryDelay: 0,
    });
    expect(struck("unlink")).toBe(1);
    expect(fs.existsSync(root)).toBe(false);
  });
});

describe.skipIf(skipped)("cp", () => {
  const copy = async (): Promise<[from: string, to: string]> => {
    const [from, to] = [makeTree(), `${fresh()}/copy`];
    await eio.promises.cp(from, to, { recursive: true });
    return [from, to];
  };
  const expectSame = (from: string, to: string): void => {
    expect(namesIn(to)).toEqual(namesIn(from));
    for (const name of namesIn(from)) {
      const stats = fs.lstatSync(`${from}/${name}`);
      expect(fs.lstatSync(`${to}/${name}`).mode).toBe(stats.mode);
      if (!stats.isFile()) continue;
      const copied = fs.readFileSync(`${to}/${name}`);
      expect(copied.equals(fs.readFileSync(`${from}/${name}`))).toBe(true);
    }
  };

  it.each([
    ["in pieces", "copy_range", 1000],
    ["from one file system to another", "copy_range", EXDEV],
  ] as const)("copies %s", async (_how, call, outcome) => {
    fault(call, outcome, ALWAYS);
    const [from, to] = await copy();
    expect(struck(call)).toBeGreaterThan(10);
    expectSame(from, to);
  });

  it("ends with the first error, which names both files", async () => {
    fault("copy_range", ENOSPC, ALWAYS, 5);
    const [from, to] = [makeTree(), `${fresh()}/copy`];
    const copying = eio.promises.cp(from, to, { recursive: true });
    const error = await copying.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ENOSPC", syscall: "copyfile" });
    const { path, dest } = error as { path: string; dest: string };
    expect(dest.replace(to, from)).toBe(path);
    expect(fs.existsSync(path)).toBe(true);
    expect(fs.existsSync(dest)).toBe(false);
    expect(namesIn(to).length).toBeLessThan(namesIn(from).length);
  });

  it("ends with a folder that cannot be made", async () => {
    fault("mkdir", EACCES, 1, 4);
    const [from, to] = [makeTree(), `${fresh()}/copy`];
    await expect(
      eio.promises.cp(from, to, { recursive: true }),
    ).rejects.toMatchObject({
      code: "EACCES",
      syscall: "mkdir",
      path: expect.stringContaining(`${to}/in-`) as string,
    });
  });
});
