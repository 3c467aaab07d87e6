// Working directories as users have them: where paths start, what errors show, when a folder is let go.
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { Eio } from "../../../src/api/create.ts";
import { Instance } from "../../../src/api/instance/instance.ts";
import { loadNative } from "../../../src/backends/native.ts";
import type { WorkingDirectory } from "../../../src/api/working-directories/working-directory.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { OTHER, operations } from "./operations.ts";

const instance = new Instance({ maxParallel: 2 });
const { engine } = instance;
const eio = new Eio(() => instance);
afterAll(() => eio.close());
const root = testFolder();
let count = 0;
let here = "";
let wd: WorkingDirectory;

/** A folder with a file, a folder with a file, and a link to the first. */
function build(): string {
  const folder = root.join(`t${count++}`);
  fs.mkdirSync(`${folder}/folder`, { recursive: true });
  fs.writeFileSync(`${folder}/file`, "content");
  fs.writeFileSync(`${folder}/${OTHER}`, "other");
  fs.writeFileSync(`${folder}/folder/inner`, "inner");
  fs.mkdirSync(`${folder}/empty`);
  fs.symlinkSync("file", `${folder}/link`);
  return folder;
}

beforeEach(async () => {
  here = build();
  wd = await eio.wd(here);
  return () => wd.close();
});

const nameFor = { file: "file", folder: "empty", nothing: "new" } as const;

/** ENOSYS there, or emulated for paths without a folder only. */
const ofTheAddon = new Set([
  "openat2",
  "mknod",
  "setxattr",
  "getxattr",
  "listxattr",
  "removexattr",
]);
const withAddon = loadNative().addon !== null;
if (!withAddon)
  console.log(
    `Left out, for want of the addon: beneath, ${[...ofTheAddon].join(", ")}`,
  );
const able = Object.entries(operations).filter(
  ([name]) => withAddon || !ofTheAddon.has(name),
);

describe.each(withAddon ? [false, true] : [false])(
  "with beneath: %s",
  (beneath) => {
    it.each(able)("%s", async (name, { wants, run }) => {
      await using kept = await eio.wd(here, { beneath });
      const path = name === "readlink" ? "link" : nameFor[wants];
      await run({ eio, engine, wd: kept }, path);
      const left = [];
      for await (const found of kept.promises.glob("**")) left.push(found);
      const away = fs.readdirSync(here, { recursive: true }) as string[];
      expect(left.filter((found) => found !== ".").sort()).toEqual(away.sort());
    });

    it.each(able.filter(([name]) => name !== "exists"))(
      "%s shows the path as it was given",
      async (_name, { run }) => {
        await using kept = await eio.wd(here, { beneath });
        const path = "no/such/folder";
        const failed = await Promise.resolve(
          run({ eio, engine, wd: kept }, path),
        ).then(
          () => null,
          (error: NodeJS.ErrnoException) => error,
        );
        // mkdir -p makes what is not there.
        if (failed === null)
          return expect(fs.existsSync(`${here}/no/such/folder`)).toBe(true);
        expect(failed.message).not.toMatch(/proc|\/tmp|eio-test/);
        expect(failed.message).toMatch(/no\/such/);
        return expect(failed.code).toBe("ENOENT");
      },
    );
  },
);

it("starts relative paths in the folder, and leaves absolute ones alone", async () => {
  expect(await wd.promises.readFile("file", "utf8")).toBe("content");
  expect(await wd.promises.readFile(`${here}/file`, "utf8")).toBe("content");
  const { readFile } = eio.promises;
  expect(await readFile("file", { encoding: "utf8", wd })).toBe("content");
  await expect(wd.promises.readFile("")).rejects.toThrow("ENOENT");
});

it("follows the folder when it is renamed", async () => {
  fs.renameSync(here, `${here}-moved`);
  expect(await wd.promises.readFile("file", "utf8")).toBe("content");
  expect(await wd.promises.readdir("folder")).toEqual(["inner"]);
  await wd.promises.rename("file", "folder/file");
  expect(fs.existsSync(`${here}-moved/folder/file`)).toBe(true);
});

it("takes two folders for two paths", async () => {
  const away = build();
  await using destWd = await eio.wd(away);
  const both = { wd, destWd };
  const { rename, copyFile, link, cp } = eio.promises;
  await copyFile("file", "copied", 0, both);
  await link("file", "linked", both);
  await cp("folder", "tree", { recursive: true, ...both });
  const filter = (): boolean => true;
  await cp("folder", "filtered", { recursive: true, filter, ...both });
  await rename("file", "renamed", both);
  const names = ["copied", "linked", "tree/inner", "filtered/inner", "renamed"];
  for (const name of names)
    expect(fs.existsSync(path.join(away, name)), name).toBe(true);
  expect(fs.existsSync(`${here}/file`)).toBe(false);
  const nowhere = { wd: destWd, destWd: null };
  await rename("renamed", `${here}/back`, nowhere);
  expect(fs.readFileSync(`${here}/back`, "utf8")).toBe("content");
});

it("starts the second path in the process's own folder where destWd is null", async () => {
  const destWd = null;
  const filter = (): boolean => true;
  const from = path.relative(process.cwd(), here);
  const { cp, rename, mkdir } = eio.promises;
  await mkdir("sub", { wd });
  await cp("folder", `${from}/filtered`, {
    recursive: true,
    filter,
    wd,
    destWd,
  });
  await cp("folder", `${from}/copied`, { recursive: true, wd, destWd });
  await wd.promises.cp("folder", `${from}/own`, {
    recursive: true,
    filter,
    destWd,
  });
  await wd.promises.rename("file", `${from}/sub/file`, { destWd } as never);
  await rename("link", `${from}/sub/link`, { wd, destWd });
  for (const name of ["filtered", "copied", "own"])
    expect(fs.readdirSync(`${here}/${name}`), name).toEqual(["inner"]);
  expect(fs.readdirSync(`${here}/sub`)).toEqual(["file", "link"]);
});

it("resolves copied links from the folder", async () => {
  await wd.promises.cp("link", "folder/link");
  expect(fs.readlinkSync(`${here}/folder/link`)).toBe(`${here}/file`);
  const verbatimSymlinks = true;
  await wd.promises.cp("link", "verbatim", { verbatimSymlinks });
  expect(fs.readlinkSync(`${here}/verbatim`)).toBe("file");
});

it("waits for the requests in flight, and refuses those that come later", async () => {
  const reads = Array.from({ length: 50 }, () => wd.promises.readFile("file"));
  const closed = wd.close();
  expect(wd.fd).toBe(-1);
  const late = wd.promises.readFile("file");
  await expect(late).rejects.toMatchObject({ code: "ERR_EIO_WD_CLOSED" });
  await Promise.all(reads);
  await closed;
  expect(descriptorsBelow(here)).toEqual([]);
});

it.runIf(withAddon)(
  "can be opened in another one, and is kept within by what that is kept within",
  async () => {
    await using kept = await eio.wd("folder", { wd, beneath: true });
    await using inner = await eio.wd(".", { wd: kept });
    expect(inner.path).toBe(`${here}/folder`);
    expect(inner.beneath).toBe(true);
    const away = inner.promises.readFile("../file");
    await expect(away).rejects.toMatchObject({ code: "EXDEV" });
  },
);

it("does not let Node do elsewhere what it cannot do here", async () => {
  const { promises } = wd;
  await expect(promises.readFile(1 as never)).rejects.toMatchObject({
    code: "ERR_EIO_WD",
  });
  const options = { recursive: true, encoding: "buffer", wd } as const;
  await expect(eio.promises.readdir(".", options)).rejects.toMatchObject({
    code: "ERR_EIO_WD",
  });
  expect("readFileSync" in wd.fs).toBe(false);
});

it("refuses what is not a working directory", async () => {
  const options = { wd: { fd: 3 } as never };
  await expect(eio.promises.stat("file", options)).rejects.toMatchObject({
    code: "ERR_INVALID_ARG_TYPE",
  });
  await expect(eio.wd(`${here}/file`)).rejects.toThrow(/ENOTDIR.*open/);
  await expect(eio.wd(here, { xdev: false })).rejects.toMatchObject({
    code: "ERR_EIO_INVALID_OPTION",
  });
});

it.runIf(withAddon)(
  "is refused by writeFileAtomic where paths are kept within",
  async () => {
    await using kept = await eio.wd(here, { beneath: true });
    const refused = eio.writeFileAtomic("file", "other", { wd: kept });
    await expect(refused).rejects.toMatchObject({ code: "ERR_EIO_WD" });
    expect(fs.readFileSync(`${here}/file`, "utf8")).toBe("content");
  },
);
