// readdirplus: a folder with the stats of all that is in it, by native code and without. What a listing is, and its orders,
// is in listing.test.ts.
import { fault, noFaults, noMoreFaults } from "../../helpers/faults.ts";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { EioEntry } from "../../../src/eio.ts";
import { ended, makeDoor, outcome } from "../../helpers/eio-door.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const SLOTS = 64;
const native = makeDoor({ slots: SLOTS });
const portable = makeDoor({ backend: "pool", slots: SLOTS });
const doors = [
  { by: "native code", door: native },
  { by: "the portable pool", door: portable },
];
afterEach(noMoreFaults);

const DENTS = 1;
const STAT_ORDER = 4;
const FOUND_UNKNOWN = 0x80;
const DT_REG = 8;
const EACCES = 13;

const mixed = folder.join("mixed");
fs.mkdirSync(path.join(mixed, "sub"), { recursive: true });
fs.symlinkSync("nowhere", path.join(mixed, "link"));
for (let i = 0; i < 9; i++)
  fs.writeFileSync(path.join(mixed, `file-${i}`), "x".repeat(i));
/** More than fits the slot's own room. */
const many = folder.join("many");
fs.mkdirSync(many);
for (let i = 0; i < 500; i++)
  fs.writeFileSync(path.join(many, `grün ${i}`), `${i}`);

type Door = typeof native;
const list = async (door: Door, from: unknown, flags = 0) =>
  (await ended(door, "readdirplus", from, flags)).value as EioEntry[];
const lstat = (from: string, name: string): fs.Stats =>
  fs.lstatSync(path.join(from, name));

describe.each(doors)("readdirplus by $by", ({ door }) => {
  it.each([
    ["a few entries", mixed, 11],
    ["many", many, 500],
  ])("gives the lstat of each: %s", async (_, from, count) => {
    const req = await ended(door, "readdirplus", from, 0);
    const entries = req.value as EioEntry[];
    expect([req.result, req.int1, entries.length]).toEqual([count, 1, count]);
    for (const { name, type, inode, stats, errorno } of entries) {
      const own = lstat(from, name);
      expect(stats).toEqual(own);
      expect(Object.getPrototypeOf(stats)).toBe(fs.Stats.prototype);
      expect([type, inode, errorno]).toEqual([own.mode >> 12, own.ino, 0]);
    }
  });

  it("an empty folder has none, and what is no folder is an error", async () => {
    const empty = fs.mkdtempSync(folder.join("empty"));
    expect(await list(door, empty)).toEqual([]);
    const file = path.join(mixed, "file-1");
    expect(outcome(await ended(door, "readdirplus", file, 0))).toEqual([
      -1,
      "ENOTDIR",
    ]);
  });

  it("is in the order of its flags, and its names are bytes on request", async () => {
    const sorted = await list(door, many, STAT_ORDER);
    const inodes = sorted.map(({ inode }) => inode);
    expect(inodes).toEqual([...inodes].sort((a, b) => a - b));
    expect(sorted.map(({ stats }) => stats!.ino)).toEqual(inodes);
    const bytes = await new Promise<unknown>((resolve) =>
      door.readdirplus(many, STAT_ORDER, 0, (req) => resolve(req.names), 0, {
        encoding: "buffer",
      }),
    );
    expect((bytes as Buffer[]).map(String)).toEqual(
      sorted.map(({ name }) => name),
    );
  });

  it("starts in a working directory", async () => {
    const opened = (await ended(door, "wd_open", folder.path)).value;
    const entries = await list(door, [opened, "mixed"]);
    const { stats } = entries.find(({ name }) => name === "file-7")!;
    expect(stats!.size).toBe(7);
    await ended(door, "wd_close", opened);
  });

  // A few lie in the request's slot, which is others' afterwards; more lie in a block.
  it.each([5, 200])(
    "of %d entries each keeps what it was, while others are listed",
    async (count) => {
      const changing = fs.mkdtempSync(folder.join("changing"));
      for (let i = 0; i < count; i++)
        fs.writeFileSync(path.join(changing, `${i}`), "four");
      const entries = await list(door, changing);
      const held = entries.find(({ name }) => name === "3")!;
      fs.writeFileSync(path.join(changing, "3"), "longer than before");
      for (let i = 0; i < SLOTS; i++) await list(door, mixed);
      expect(held.stats!.size).toBe(4);
      expect(held.stats).toBe(held.stats);
    },
  );
});

describe.skipIf(noFaults !== null)("with faults", () => {
  it("an entry that cannot be looked at has an errorno and no stats, and the others have theirs", async () => {
    fault("statx", -EACCES, 1);
    const entries = await list(native, mixed);
    const refused = entries.filter(({ errorno }) => errorno !== 0);
    expect(refused.map(({ errorno, stats }) => [errorno, stats])).toEqual([
      [EACCES, undefined],
    ]);
    expect(entries.length).toBe(11);
  });

  it("types that the folder does not give come from the stats", async () => {
    fault("getdents", 1, 100);
    const listed = await ended(native, "readdirx", many, DENTS);
    expect(listed.int1).toBe(DENTS | FOUND_UNKNOWN);
    fault("getdents", 1, 100);
    const req = await ended(native, "readdirplus", many, DENTS);
    expect(req.int1).toBe(DENTS);
    const types = (req.value as EioEntry[]).map(({ type }) => type);
    expect(types).toEqual(new Array(500).fill(DT_REG));
  });
});
