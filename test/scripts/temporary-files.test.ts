// Where test files have their temporary files: in memory or on the disk, by what they say, as vitest.config.ts decides it for all.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import {
  LEAST_BYTES,
  bytesFree,
  needsDisk,
  temporaryFiles,
} from "../support/temporary-files.ts";

const ofADisk = 'const handle = await eio.openDirect(file, "r");';

it.each([
  ["reads past the page cache", ofADisk],
  ["looks at what is in the page cache", "const pages = await mincore(fd);"],
  ["names a lane of the loop", 'createEio({ backend: "nowait" })'],
  ["looks where the bytes are", "await fiemap(fd)"],
  ["has a second file system in memory", 'fs.mkdtempSync("/dev/shm/other-")'],
])("a file that %s has its files on the disk", (_what, text) => {
  expect(needsDisk(text)).toBe(true);
});

it("a file that only makes, lists and removes has them in memory", () => {
  const text = "await mkdir(at); await readdir(at); await rm(at);";
  expect(needsDisk(text)).toBe(false);
});

const memory = testFolder();
const room = bytesFree(memory.path) >= LEAST_BYTES;

describe.skipIf(!room)("where memory has room for them", () => {
  it("they are in a folder that everyone may write to, but for those of a disk", () => {
    const envOf = temporaryFiles(false, memory.path);
    const { TMPDIR } = envOf("");
    expect(path.dirname(TMPDIR!)).toBe(memory.path);
    expect(fs.statSync(TMPDIR!).mode & 0o7777).toBe(0o1777);
    expect(envOf(ofADisk)).toEqual({ TMPDIR: os.tmpdir() });
    fs.rmdirSync(TMPDIR!);
  });

  it("those of a run that was killed are removed by the next", () => {
    const { pid } = spawnSync("true");
    const dead = memory.join(`node-eio-tests-${pid}`);
    const living = memory.join(`node-eio-tests-${process.ppid}`);
    const other = memory.join("node-eio");
    for (const one of [dead, living, other]) fs.mkdirSync(one);
    temporaryFiles(false, memory.path);
    expect([dead, living, other].map((one) => fs.existsSync(one))).toEqual([
      false,
      true,
      true,
    ]);
  });
});

it("a whole run has all of them where the system has them", () => {
  expect(temporaryFiles(true)("")).toEqual({});
});

it("so has a run without memory for them", () => {
  expect(temporaryFiles(false, memory.join("missing"))("")).toEqual({});
});
