// The table of file systems: who responds for each type, and that all who decide by it have the same answer.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Mounts } from "../../src/engine/routing.ts";
import {
  fileSystemOf,
  fileSystemTypes,
  questionNames,
  sources,
} from "../../src/util/file-systems.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe("a type of file system", () => {
  it.each([
    ["ext4", "machine"],
    ["tmpfs", "machine"],
    ["one that nobody has heard of", "machine"],
    ["toString", "machine"],
    ["nfs4", "others"],
    ["fuse", "others"],
    ["fuse.glusterfs", "others"],
    ["fuse.a-program-of-yours", "others"],
    ["fuseblk", "others"],
    ["proc", "kernel"],
  ])("%s is responded for by %s", (type, by) => {
    expect(fileSystemOf(type).by).toBe(by);
  });

  it.each(fileSystemTypes)("%s is to lanes what it is in the table", (type) => {
    const mounts = new Mounts(() => `1 0 0:9 / / rw - ${type} source rw`);
    const isRemote = fileSystemOf(type).by === "others";
    expect(mounts.ofPath("/x")!.remote).toBe(isRemote);
  });

  it("is kept off the loop by the native code if the table says so", () => {
    const header = path.join(root, "native-aio/src/file-systems.gen.h");
    const listed = [...fs.readFileSync(header, "utf8").matchAll(/"(.+?)",/g)];
    expect(listed.map(([, type]) => type).sort()).toEqual(
      fileSystemTypes
        .filter((type) => fileSystemOf(type).by !== "machine")
        .sort(),
    );
  });

  it("has a source for each thing that is said of it", () => {
    for (const type of fileSystemTypes) {
      const { meanings } = fileSystemOf(type);
      if (meanings === null) continue;
      expect(Object.keys(meanings).sort()).toEqual([...questionNames].sort());
      for (const name of questionNames)
        expect(Object.keys(sources)).toContain(meanings[name].source);
    }
  });

  it("of FUSE means what FUSE means, unless somebody has run that program", () => {
    expect(fileSystemOf("fuse.x").meanings).toBe(fileSystemOf("fuse").meanings);
    expect(fileSystemOf("fuse.sshfs").meanings!.locks.source).toBe("run");
  });
});
