// Trees with names that are not UTF-8, by every call that works on whole trees.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const eio = createEio({ backend: "pool" });
const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** All paths below a folder, with what links lead to. */
const listed = (root: string): string[] =>
  execFileSync("find", [root, "-mindepth", "1", "-printf", "%P>%l\\0"])
    .toString("latin1")
    .split("\0")
    .sort();

function build(name: string): string {
  const root = folder.join(name);
  fs.mkdirSync(bytes(`${root}/d\xe8/\xff/\xc3\xbc`), { recursive: true });
  fs.writeFileSync(bytes(`${root}/d\xe8/\xff/f\xee`), "one");
  fs.writeFileSync(bytes(`${root}/f\xee`), "two");
  fs.writeFileSync(path.join(root, "pl\u00e4in"), "three");
  fs.symlinkSync(bytes("d\xe8/\xff"), bytes(`${root}/l\xef`));
  return root;
}

describe("names that are not UTF-8", () => {
  const verbatim = { recursive: true, verbatimSymlinks: true };

  it("are copied by cp", async () => {
    const root = build("copied");
    const before = listed(root);
    await eio.promises.cp(root, `${root} copy`, verbatim);
    expect(listed(`${root} copy`)).toEqual(before);
    // Once more, over what is there.
    await eio.promises.cp(root, `${root} copy`, verbatim);
    expect(listed(`${root} copy`)).toEqual(before);
  });

  it("are copied by cp with a filter, which is given text", async () => {
    const root = build("filtered");
    const seen: string[] = [];
    const filter = (src: string): boolean => {
      seen.push(path.relative(root, src));
      return !src.endsWith("pl\u00e4in");
    };
    await eio.promises.cp(root, `${root} copy`, { ...verbatim, filter });
    const wanted = listed(root).filter((name) => !name.startsWith("pl"));
    expect(listed(`${root} copy`)).toEqual(wanted);
    expect(seen).toContain("d\ufffd/\ufffd/f\ufffd");
    expect(seen).toContain("pl\u00e4in");
  });

  it("in links are made absolute by cp, as other names", async () => {
    const root = build("links");
    await eio.promises.cp(root, `${root} copy`, { recursive: true });
    const led = fs.readlinkSync(bytes(`${root} copy/l\xef`), "latin1");
    expect(led).toBe(`${root}/d\xe8/\xff`);
  });

  it("are removed by rm, below a path of bytes, too", async () => {
    const root = build("removed");
    await eio.promises.rm(bytes(`${root}/d\xe8`), { recursive: true });
    expect(listed(root)).toHaveLength(4);
    await eio.promises.rm(root, { recursive: true });
    expect(fs.existsSync(root)).toBe(false);
  });

  it.each([true, false])(
    "are walked through by readdir (with types: %s)",
    async (withFileTypes) => {
      const root = build(`read ${withFileTypes}`);
      const options = { recursive: true, withFileTypes };
      const found = (await eio.promises.readdir(root, options as object)) as (
        string | fs.Dirent
      )[];
      const names = found.map((entry) =>
        path.basename(typeof entry === "string" ? entry : entry.name),
      );
      const below = ["f\ufffd", "\u00fc"];
      // Without types links to folders are followed, as Node does; from 26 on with types, too.
      const major = Number.parseInt(process.versions.node, 10);
      const linked = withFileTypes && major < 26 ? [] : below;
      const own = ["d\ufffd", "\ufffd", "f\ufffd", "l\ufffd", "pl\u00e4in"];
      expect(names.sort()).toEqual([...own, ...below, ...linked].sort());
    },
  );
});
