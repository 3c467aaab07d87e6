// eio.cp: what fs.cp copies, and what was copied, by the path of each copy.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { crc32c } from "../../../src/util/crc32c.ts";
import { testFolder } from "../../helpers/folder.ts";

const folder = testFolder();
const tree = folder.join("tree");
const contents: Record<string, Buffer> = {};
for (let i = 0; i < 30; i++) {
  const name = `${i % 3}/${i % 5}/file${i}`;
  contents[name] = Buffer.alloc(i * 7_001, `${i} `);
  fs.mkdirSync(path.join(tree, path.dirname(name)), { recursive: true });
  fs.writeFileSync(path.join(tree, name), contents[name]);
}
fs.symlinkSync("0/0/file0", path.join(tree, "link"));
const names = Object.keys(contents).sort();

const sha256 = (data: Buffer): string =>
  createHash("sha256").update(data).digest("hex");
const crc = (data: Buffer): string =>
  crc32c(data).toString(16).padStart(8, "0");

describe.each(["auto", "pool"] as const)("eio.cp on %s", (backend) => {
  const eio = createEio({ backend });
  afterAll(() => eio.close());

  it.each([
    ["sha256", sha256],
    ["crc32c", crc],
  ] as const)(
    "copies a tree and gives the %s of each file",
    async (digest, of) => {
      const dest = folder.join(`${backend}-${digest}`);
      const copied = await eio.cp(tree, dest, { recursive: true, digest });
      expect([...copied.keys()].sort()).toEqual(
        names.map((name) => path.join(dest, name)),
      );
      for (const name of names)
        expect(copied.get(path.join(dest, name))).toEqual({
          bytes: contents[name]!.length,
          digest: of(contents[name]!),
        });
      for (const name of names)
        expect(
          fs.readFileSync(path.join(dest, name)).equals(contents[name]!),
        ).toBe(true);
      // As fs.cp does, a link leads to where it led.
      expect(fs.readlinkSync(path.join(dest, "link"))).toBe(
        path.join(tree, "0/0/file0"),
      );
    },
  );

  it("says how much was copied without a digest, of one file, too", async () => {
    const dest = folder.join(`${backend}-one`);
    const copied = await eio.cp(path.join(tree, names[4]!), dest);
    expect([...copied]).toEqual([
      [dest, { bytes: contents[names[4]!]!.length }],
    ]);
  });

  it("leaves out what was not copied: filtered, or there already", async () => {
    const dest = folder.join(`${backend}-some`);
    const kept = path.join(dest, names[0]!);
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    fs.writeFileSync(kept, "mine");
    const copied = await eio.cp(tree, dest, {
      recursive: true,
      force: false,
      digest: "crc32c",
      filter: (src) => !src.endsWith(names[1]!),
    });
    expect(fs.readFileSync(kept, "utf8")).toBe("mine");
    expect([...copied.keys()].sort()).toEqual(
      names.slice(2).map((name) => path.join(dest, name)),
    );
  });

  it("keeps the times of files where they are wanted", async () => {
    const dest = folder.join(`${backend}-times`);
    const one = path.join(tree, names[2]!);
    fs.utimesSync(one, 1_000_000, 2_000_000);
    const options = {
      recursive: true,
      preserveTimestamps: true,
      digest: "sha256",
    } as const;
    const copied = await eio.cp(tree, dest, options);
    expect(copied.size).toBe(names.length);
    expect(fs.statSync(path.join(dest, names[2]!)).mtimeMs).toBe(2_000_000_000);
  });

  it("rejects as fs.cp does, and with the first error of a file", async () => {
    const dest = folder.join(`${backend}-wrong`);
    await expect(eio.cp(tree, dest)).rejects.toMatchObject({
      code: "ERR_FS_EISDIR",
    });
    await expect(eio.cp(folder.join("none"), dest)).rejects.toMatchObject({
      code: "ENOENT",
    });
    await expect(
      eio.cp(tree, dest, { digest: "md5" as never }),
    ).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_VALUE",
    });
    const mode = fs.constants.COPYFILE_FICLONE_FORCE;
    await expect(
      eio.cp(tree, dest, { digest: "sha256", mode }),
    ).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_VALUE",
    });
    await expect(
      eio.cp(tree, dest, { recursive: 1 as never }),
    ).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
    });
    await expect(
      eio.cp(tree, dest, { digset: "sha256" } as never),
    ).rejects.toThrow("digset");
    expect(fs.existsSync(dest)).toBe(false);
  });
});

it("eio.cp ends when a copy fails or it is aborted, and nothing goes on behind that", async () => {
  const faults = plan({
    rules: [{ op: "copyDigest", after: 5, then: { error: "EIO" } }],
  });
  const eio = createEio({ faults });
  const dest = folder.join("failing");
  const copying = eio.cp(tree, dest, { recursive: true, digest: "sha256" });
  await expect(copying).rejects.toMatchObject({
    code: "EIO",
    syscall: "copyfile",
  });
  expect(eio.stats().requests).toBe(0);
  const count = faults.trace.filter(({ op }) => op === "copyDigest").length;
  expect(count).toBeLessThan(names.length);

  const controller = new AbortController();
  const { signal } = controller;
  const filter = (): boolean => {
    controller.abort();
    return true;
  };
  const aborted = eio.cp(tree, folder.join("aborted"), {
    recursive: true,
    signal,
    filter,
  });
  await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  await eio.close();
});
