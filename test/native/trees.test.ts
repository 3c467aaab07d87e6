// Trees in native code beside node:fs: random ones, with names that are no text, links, empty folders and folders that
// cannot be read; and what becomes of them when a system call in the middle fails or does half of its work.
import { fault, noFaults, noMoreFaults, struck } from "../helpers/faults.ts";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const { available } = listBackends().threads;
const eio = createEio(available ? { backend: "threads" } : {});
const folder = testFolder();
afterAll(() => eio.close());
afterEach(noMoreFaults);

const [EIO, EACCES, ENOSPC, EXDEV] = [-5, -13, -28, -18] as const;
const recursive = { recursive: true } as const;

/** What an error says, with the folder of either side under one name. */
async function outcome(
  run: () => Promise<unknown>,
  side: string,
): Promise<unknown> {
  const shown = (value: unknown): unknown =>
    typeof value === "string" ? value.replaceAll(side, "SIDE") : value;
  try {
    return await run();
  } catch (error) {
    const thrown = error as NodeJS.ErrnoException & { dest?: string };
    return [thrown.code, thrown.message, thrown.path, thrown.dest].map(shown);
  }
}

type Branch =
  | { kind: "file"; bytes: number; mode: number }
  | { kind: "link"; target: string }
  | { kind: "folder"; mode: number; entries: Record<string, Branch> };

const name = fc.constantFrom("a", "b", "file-1", "file-10", "ä", "Z", "\u00ff");
const { tree } = fc.letrec<{ tree: Branch; branch: Branch }>((tie) => ({
  branch: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({
      kind: fc.constant("file" as const),
      bytes: fc.constantFrom(0, 1, 5000, 70_000),
      mode: fc.constantFrom(0o644, 0o600, 0o755, 0o444),
    }),
    fc.record({
      kind: fc.constant("link" as const),
      target: fc.constantFrom("file-1", "nowhere", "/dev/null"),
    }),
    tie("tree"),
  ),
  tree: fc.record({
    kind: fc.constant("folder" as const),
    mode: fc.constantFrom(0o755, 0o700, 0o555),
    entries: fc.dictionary(name, tie("branch"), { maxKeys: 6 }),
  }),
}));

/** Where `bad`, a name has a byte more that is no text. */
function plant(at: Buffer, branch: Branch, bad: boolean): void {
  if (branch.kind === "link") return fs.symlinkSync(branch.target, at);
  if (branch.kind === "file") {
    fs.writeFileSync(at, Buffer.alloc(branch.bytes, 7));
    return fs.chmodSync(at, branch.mode);
  }
  fs.mkdirSync(at);
  for (const [key, below] of Object.entries(branch.entries)) {
    const last = bad && below.kind !== "link" ? [0xff] : [];
    const parts = [at, Buffer.from(`/${key}`), Buffer.from(last)];
    plant(Buffer.concat(parts), below, bad);
  }
  fs.chmodSync(at, branch.mode);
}

/** Everything below a folder, byte for byte. */
function contents(at: Buffer | string): string[] {
  const found: string[] = [];
  const walk = (where: Buffer, shown: string): void => {
    for (const entry of fs.readdirSync(where, { encoding: "buffer" })) {
      const below = Buffer.concat([where, Buffer.from("/"), entry]);
      const stats = fs.lstatSync(below);
      const text = `${shown}/${entry.toString("latin1")}`;
      const data = stats.isFile()
        ? String(fs.readFileSync(below).length)
        : stats.isSymbolicLink()
          ? fs.readlinkSync(below)
          : "";
      found.push(`${text} ${stats.mode.toString(8)} ${data}`);
      if (stats.isDirectory()) walk(below, text);
    }
  };
  if (fs.existsSync(at)) walk(Buffer.from(at), "");
  return found.sort();
}

const sides = ["ours", "node"] as const;
const api = { ours: eio.promises, node: fs.promises };

describe.skipIf(!available)("a random tree", () => {
  it.each([false, true])(
    "is listed, copied and removed as by node:fs, or by bytes (names that are no text: %s)",
    async (bad) => {
      await fc.assert(
        fc.asyncProperty(tree, async (branch) => {
          const done = sides.map(async (side) => {
            const at = folder.join(side);
            fs.rmSync(at, { recursive: true, force: true });
            fs.mkdirSync(at);
            plant(Buffer.from(path.join(at, "tree")), branch, bad);
            const from = path.join(at, "tree");
            const to = path.join(at, "copy");
            const names = await outcome(
              () => api[side].readdir(from, recursive),
              at,
            );
            const entries = await outcome(async () => {
              const all = await api[side].readdir(from, {
                ...recursive,
                withFileTypes: true,
              });
              return all.map((entry) => [
                entry.name,
                entry.isDirectory(),
                entry.isSymbolicLink(),
              ]);
            }, at);
            const source = contents(from);
            // Node decodes the names, and fails on those that are no text. Beside our copy there is the source itself.
            const copies = side === "ours" || !bad;
            const copied = await outcome(
              async () =>
                copies &&
                (await api[side].cp(from, to, {
                  ...recursive,
                  verbatimSymlinks: true,
                })),
              at,
            );
            const copy = copies ? contents(to) : source;
            const removed = await outcome(
              () => api[side].rm(from, recursive),
              at,
            );
            return [
              ...(bad ? [] : [names, entries]),
              // Where a copy fails, what came before it depends on the order of the disk.
              Array.isArray(copied) ? copied : copy,
              removed,
              contents(from),
            ];
          });
          const [ours, node] = await Promise.all(done);
          expect(ours).toEqual(node);
        }),
        { numRuns: 25 },
      );
      expect(descriptorsBelow(folder.path)).toEqual([]);
    },
  );
});

describe.skipIf(noFaults ?? !available)(
  "a call in the middle of a tree",
  () => {
    const from = folder.join("from");
    const to = folder.join("to");
    beforeEach(() => {
      for (const at of [from, to])
        fs.rmSync(at, { recursive: true, force: true });
      for (const below of ["a/b", "c", "d"])
        fs.mkdirSync(path.join(from, below), recursive);
      for (const below of ["a/b/one", "c/two", "d/three"])
        fs.writeFileSync(path.join(from, below), Buffer.alloc(100_000, 3));
    });
    afterEach(() => {
      expect(descriptorsBelow(folder.path)).toEqual([]);
    });

    it("distinguishes short copies from whole ones", async () => {
      fault("copy_range", 777, 1000);
      await eio.promises.cp(from, to, recursive);
      expect(struck("copy_range")).toBeGreaterThan(300);
      expect(contents(to)).toEqual(contents(from));
    });

    it("copies through memory where the kernel does not", async () => {
      fault("copy_range", EXDEV, 1000);
      fault("read", 4000, 50);
      fault("write", 900, 50);
      await eio.promises.cp(from, to, recursive);
      expect(struck("copy_range")).toBe(3);
      expect(contents(to)).toEqual(contents(from));
    });

    it.each([
      ["copy_range", ENOSPC, "copyfile"],
      ["mkdir", EACCES, "mkdir"],
      ["chmod", EIO, "chmod"],
    ] as const)("fails a copy when %s does", async (call, errno, syscall) => {
      fault(call, errno, 1, 1);
      const copying = eio.promises.cp(from, to, recursive);
      await expect(copying).rejects.toMatchObject({ errno, syscall });
      expect(struck(call)).toBe(1);
      const left = contents(to).filter((line) => line.endsWith(" 0"));
      expect(left).toEqual([]);
    });

    it("removes a file that could not be copied to its end", async () => {
      fault("copy_range", ENOSPC);
      const one = path.join(from, "c/two");
      await expect(eio.promises.copyFile(one, to)).rejects.toMatchObject({
        code: "ENOSPC",
        syscall: "copyfile",
        path: one,
        dest: to,
      });
      expect(fs.existsSync(to)).toBe(false);
    });

    it.each(["unlink", "getdents", "open"] as const)(
      "removes a tree all the same when %s fails once",
      async (call) => {
        fault(call, EACCES, 1, 1);
        await eio.promises.rm(from, recursive);
        expect(struck(call)).toBe(1);
        expect(fs.existsSync(from)).toBe(false);
      },
    );

    it("lists a tree all the same when getdents fails once", async () => {
      fault("getdents", EIO, 1, 3);
      const names = await eio.promises.readdir(from, recursive);
      expect(struck("getdents")).toBe(1);
      expect(names).toEqual(await fs.promises.readdir(from, recursive));
    });

    it("fails a listing when getdents does, as the disk says", async () => {
      fault("getdents", EIO);
      await expect(eio.promises.readdir(from)).rejects.toMatchObject({
        code: "EIO",
        syscall: "scandir",
        path: from,
      });
    });
  },
);

const root = process.getuid?.() === 0;
const NOBODY = 65_534;

/**
 * Prints what calls do for somebody who may not read everything, by paths from a folder: nothing above it need be
 * open to all. What is refused at the start has JavaScript loaded, which has to be read, too. A sanitizer could not
 * write its reports: it is the build that users have.
 */
const SCRIPT = `
const [, entry, at, side] = process.argv;
const shown = (e) => [e.code, e.syscall, e.path, e.dest, e.message];
(async () => {
  const eio = side === "ours" ? (await import(entry)).createEio({ backend: "threads" }) : null;
  const { promises } = eio ?? require("fs");
  process.chdir(at);
  await promises.rm("none").catch(() => {});
  process.setgroups([]);
  process.setgid(${NOBODY});
  process.setuid(${NOBODY});
  const out = [];
  for (const run of [
    () => promises.readdir("tree", { recursive: true }),
    () => promises.cp("tree", "copy", { recursive: true }),
    () => promises.rm("tree", { recursive: true }),
  ]) out.push(await run().then((value) => value ?? "done", shown));
  console.log(JSON.stringify(out).replaceAll(at, "SIDE"));
  await eio?.close();
})();`;

describe.skipIf(!root || !available)("a tree with a folder", () => {
  it.each([
    ["unreadable", 0],
    ["not writable", 0o500],
  ])("that is %s fails as with node:fs, and leaves the same", (_how, mode) => {
    const entry = path.resolve(import.meta.dirname, "../../dist/index.js");
    const outcomes = sides.map((side) => {
      const at = fs.mkdtempSync(path.join("/tmp", "eio-nobody-"));
      fs.mkdirSync(path.join(at, "tree/closed/inner"), recursive);
      fs.mkdirSync(path.join(at, "tree/open"));
      for (const name of ["open", "closed/inner"])
        fs.writeFileSync(path.join(at, "tree", name, "file"), "x");
      const folders = ["", "tree", "tree/open", "tree/closed/inner"];
      for (const below of [...folders, "tree/closed"])
        fs.chownSync(path.join(at, below), NOBODY, NOBODY);
      fs.chmodSync(path.join(at, "tree/closed"), mode);
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ["-e", SCRIPT, entry, at, side],
        { encoding: "utf8", env: {} },
      );
      const left = contents(path.join(at, "tree"));
      const copied = contents(path.join(at, "copy"));
      fs.rmSync(at, recursive);
      return [stdout, stderr, left, copied];
    });
    expect(outcomes[0]![0]).toContain("EACCES");
    expect(outcomes[0]).toEqual(outcomes[1]);
  });
});
