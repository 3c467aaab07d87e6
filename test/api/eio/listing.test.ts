// readdir and readdirx of folders of any size, in the orders that libeio has, by native code and without: which types
// the file system gives, and which it leaves out. What a listing is otherwise is in composites.test.ts.
import { fault, noFaults, noMoreFaults } from "../../helpers/faults.ts";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { ended, makeDoor } from "../../helpers/eio-door.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const native = makeDoor();
const portable = makeDoor({ backend: "pool" });
const doors = [
  { by: "native code", door: native },
  { by: "the portable pool", door: portable },
];
afterEach(noMoreFaults);

const DENTS = 1;
const DIRS_FIRST = 2;
const STAT_ORDER = 4;
const FOUND_UNKNOWN = 0x80;
const DT_DIR = 4;

interface Dent {
  name: string;
  type: number;
  inode: number;
}

const mixed = folder.join("mixed");
fs.mkdirSync(mixed);
for (let i = 0; i < 700; i++)
  if (i % 5 === 0) fs.mkdirSync(path.join(mixed, `folder-${i}`));
  else fs.writeFileSync(path.join(mixed, `file-${i}.txt`), "");

const dents = async (
  door: typeof native,
  from: string,
  flags: number,
): Promise<Dent[]> =>
  (await ended(door, "readdirx", from, DENTS | flags)).dents as Dent[];

const byInode = (a: Dent, b: Dent): number => a.inode - b.inode;
const isFolder = ({ type }: Dent): boolean => type === DT_DIR;

/** libeio's own partition: folders change places with what is no folder, from both ends. */
function foldersFirst(entries: readonly Dent[]): Dent[] {
  const sorted = [...entries];
  let begin = 0;
  let end = sorted.length;
  while (end > begin)
    if (isFolder(sorted[begin]!)) begin++;
    else if (isFolder(sorted[--end]!)) {
      [sorted[begin], sorted[end]] = [sorted[end]!, sorted[begin]!];
      begin++;
    }
  return [...sorted.slice(0, begin).sort(byInode), ...sorted.slice(begin)];
}

describe.each(doors)("readdirx by $by", ({ door }) => {
  it("without a flag that sorts lists in the folder's own order", async () => {
    const listed = await dents(door, mixed, 0);
    const own = fs.readdirSync(mixed, { withFileTypes: true });
    expect(listed.map(({ name }) => name).sort()).toEqual(
      own.map(({ name }) => name).sort(),
    );
    expect(listed.filter(isFolder).length).toBe(140);
    expect(listed).toEqual(
      listed.map(({ name, type }) => {
        const { ino } = fs.lstatSync(path.join(mixed, name));
        return { name, type, inode: ino };
      }),
    );
  });

  it("with DIRS_FIRST sorts the folders alone, and puts the rest where libeio does", async () => {
    const own = await dents(door, mixed, 0);
    expect(await dents(door, mixed, DIRS_FIRST)).toEqual(foldersFirst(own));
  });

  it("with STAT_ORDER sorts by inode, with both flags within each of the two", async () => {
    const own = await dents(door, mixed, 0);
    const sorted = [...own].sort(byInode);
    expect(await dents(door, mixed, STAT_ORDER)).toEqual(sorted);
    expect(await dents(door, mixed, STAT_ORDER | DIRS_FIRST)).toEqual([
      ...sorted.filter(isFolder),
      ...sorted.filter((entry) => !isFolder(entry)),
    ]);
  });

  it("gives names as bytes, to the byte", async () => {
    const odd = folder.join(`odd ${door === native}`);
    fs.mkdirSync(odd);
    const raw = [Buffer.from("a\xff\xfe", "latin1"), Buffer.from("grün")];
    for (const name of raw)
      fs.writeFileSync(Buffer.concat([Buffer.from(`${odd}/`), name]), "");
    const bytes = await new Promise<unknown>((resolve) =>
      door.readdirx(odd, DENTS, 0, (req) => resolve(req.names), 0, {
        encoding: "buffer",
      }),
    );
    expect((bytes as Buffer[]).map(String).sort()).toEqual(
      raw.map(String).sort(),
    );
    expect(Buffer.concat(bytes as Buffer[]).byteLength).toBe(8);
  });

  it("ignores flags that there are none of, -1 too", async () => {
    const { int1, result } = await ended(door, "readdirx", mixed, -1);
    expect([int1, result]).toEqual([DENTS | DIRS_FIRST | STAT_ORDER, 700]);
  });
});

const program = `
  import { createEio } from ${JSON.stringify(pathToFileURL(path.resolve("dist/index.js")).href)};
  process.setgid(65534);
  process.setuid(65534);
  const [folder, backend] = process.argv.slice(1);
  const { eio } = createEio({ backend });
  const end = (name, ...args) =>
    new Promise((resolve) => eio[name](...args, 0, resolve));
  const { result, dents } = await end("readdirx", folder, 7);
  const scanned = await end("scandir", folder, 0);
  console.log(result, dents.filter(({ type }) => type === 4).length, scanned.value.dirs.length);
`;

describe("a folder that may be read but not searched", () => {
  const hidden = folder.join("hidden");
  fs.mkdirSync(hidden);
  const long = "n".repeat(200);
  for (let i = 0; i < 1800; i++)
    if (i < 3) fs.mkdirSync(path.join(hidden, `d${i}`));
    else fs.closeSync(fs.openSync(path.join(hidden, `${long}${i}`), "w"));
  fs.chmodSync(hidden, 0o744);
  fs.chmodSync(folder.path, 0o755);

  it.skipIf(process.getuid?.() !== 0).each(["threads", "pool"])(
    "is listed with its types, however large it is (%s)",
    (backend) => {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ["--input-type=module", "-e", program, hidden, backend],
        {
          encoding: "utf8",
          env: { ...process.env, NODE_EIO_NATIVE: "" },
        },
      );
      expect([stdout.trim(), stderr]).toEqual(["1800 3 3", ""]);
    },
  );
});

describe.skipIf(noFaults !== null)("where a folder gives no types", () => {
  const untyped = folder.join("untyped");
  fs.mkdirSync(untyped);
  const names = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg"];
  for (const name of [...names, ".git", "x.y"])
    fs.writeFileSync(path.join(untyped, name), "");

  it("names are judged as libeio judges them, the NUL counted in their lengths", async () => {
    fault("getdents", 1, 100);
    const req = await ended(native, "readdirx", untyped, DENTS | DIRS_FIRST);
    expect(req.int1).toBe(DENTS | DIRS_FIRST | FOUND_UNKNOWN);
    const inode = new Map(
      (req.dents as Dent[]).map(({ name, inode }) => [name, inode]),
    );
    const sorted = (...names: string[]): string[] =>
      names.sort((a, b) => inode.get(a)! - inode.get(b)!);
    expect(req.names).toEqual([
      ".git",
      "a",
      ...sorted("bb", "ccc"),
      ...sorted("dddd", "eeeee", "ffffff"),
      "ggggggg",
      "x.y",
    ]);
  });

  it("an order without folders first is by inode alone", async () => {
    fault("getdents", 1, 100);
    const listed = await dents(native, untyped, STAT_ORDER);
    expect(listed).toEqual([...listed].sort(byInode));
  });
});

describe("a large folder", () => {
  const large = folder.join("large");
  fs.mkdirSync(large);
  for (let i = 0; i < 40_000; i++)
    fs.closeSync(fs.openSync(path.join(large, `entry number ${i}`), "w"));

  it("is listed by native code in one request, and its memory comes back", async () => {
    const flags = DENTS | DIRS_FIRST | STAT_ORDER;
    const { result, names } = await ended(native, "readdirx", large, flags);
    expect([result, new Set(names).size]).toEqual([40_000, 40_000]);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 5; i++) await ended(native, "readdir", large, 0);
    const grown = process.memoryUsage().rss - before;
    expect(grown).toBeLessThan(100 << 20);
  });
});
