// eio.copyFile, whoever copies: the copy is the file, and the digest that of its data. Held against node:crypto and known answers.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { afterAll, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import type { CopyFileOptions } from "../../../src/api/files/copy-file.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { crc32c } from "../../../src/util/crc32c.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const MIB = 1 << 20;
const isNative = loadNative().addon !== null;
const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } =
  fs.constants;

const sha256 = (bytes: Buffer): string =>
  createHash("sha256").update(bytes).digest("hex");
const crcOf = (bytes: Buffer): string =>
  crc32c(bytes).toString(16).padStart(8, "0");
const some = Buffer.from(Uint8Array.from({ length: 251 }, (_, i) => i * 31));
const pattern = (bytes: number): Buffer => Buffer.alloc(bytes, some);

/** @param backend `auto` is the best that there is */
export function copyFileSuite(backend: "auto" | "threads" | "pool"): void {
  const eio = createEio({ backend });
  afterAll(() => eio.close());
  let copies = 0;
  const nextCopy = (): string => folder.join(`${backend}-copy${copies++}`);

  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
  ])("has the SHA-256 of FIPS 180-4 for %j", async (text, digest) => {
    const source = folder.file(`${backend}-known`, text);
    const options = { digest: "sha256" } as const;
    const found = await eio.copyFile(source, nextCopy(), options);
    expect(found).toEqual({ bytes: text.length, digest });
  });

  it("has the CRC-32C of RFC 3720", async () => {
    const source = folder.file(`${backend}-known`, Buffer.alloc(32));
    const options = { digest: "crc32c" } as const;
    const found = await eio.copyFile(source, nextCopy(), options);
    expect(found).toEqual({ bytes: 32, digest: "8a9136aa" });
  });

  const sizes = [
    ...[0, 1, 55, 56, 63, 64, 65, 4095, 4096, 4097],
    ...[MIB - 1, MIB, MIB + 1, 3 * MIB + 17],
  ];
  const caches = ["keep", "drop", "direct"] as const;
  it.each(sizes)("copies %i bytes, with the digest of them", async (size) => {
    const bytes = pattern(size);
    const source = folder.file(`${backend}-source`, bytes);
    for (const cache of caches)
      for (const [digest, expected] of [
        ["sha256", sha256(bytes)],
        ["crc32c", crcOf(bytes)],
        [undefined, undefined],
      ] as const) {
        const copy = nextCopy();
        const options: CopyFileOptions = { digest, cache };
        const found = await eio.copyFile(source, copy, options);
        expect([found.bytes, found.digest]).toEqual([size, expected]);
        expect("direct" in found).toBe(cache === "direct");
        expect(fs.readFileSync(copy).equals(bytes)).toBe(true);
        fs.unlinkSync(copy);
      }
  });

  it.each(caches)(
    "counts the holes of a sparse file as zeros, and leaves them holes (%s)",
    async (cache) => {
      const source = folder.join(`${backend}-sparse`);
      const fd = fs.openSync(source, "w");
      for (const at of [2, 9])
        fs.writeSync(fd, pattern(5000), 0, 5000, at * MIB);
      fs.ftruncateSync(fd, 12 * MIB + 5);
      fs.closeSync(fd);
      const bytes = fs.readFileSync(source);
      const isSparse = fs.statSync(source).blocks < MIB / 512;
      for (const [digest, expected] of [
        ["sha256", sha256(bytes)],
        ["crc32c", crcOf(bytes)],
      ] as const) {
        const copy = nextCopy();
        const found = await eio.copyFile(source, copy, { digest, cache });
        expect(found).toMatchObject({ bytes: bytes.length, digest: expected });
        expect(fs.readFileSync(copy).equals(bytes)).toBe(true);
        if (isSparse && isNative)
          expect(fs.statSync(copy).blocks).toBeLessThan(MIB / 512);
      }
    },
  );

  it("writes over what was there, longer or shorter, and keeps the mode", async () => {
    const bytes = pattern(10_000);
    const source = folder.file(`${backend}-moded`, bytes);
    fs.chmodSync(source, 0o640);
    for (const before of [20_000, 10]) {
      const copy = folder.file(`${backend}-before`, Buffer.alloc(before, 1));
      await eio.copyFile(source, copy, { digest: "crc32c", cache: "direct" });
      expect(fs.readFileSync(copy).equals(bytes)).toBe(true);
      expect(fs.statSync(copy).mode & 0o777).toBe(0o640);
      fs.unlinkSync(copy);
    }
  });

  it("fails as fs.copyFile does", async () => {
    const source = folder.file(`${backend}-there`, "text");
    const other = folder.file(`${backend}-other`, "other");
    const cases = [
      [folder.join("missing"), nextCopy(), 0],
      [source, folder.join("missing/copy"), 0],
      [source, other, COPYFILE_EXCL],
    ] as const;
    for (const [from, to, mode] of cases) {
      const ours = await eio
        .copyFile(from, to, { mode, digest: "sha256" })
        .catch((error: unknown) => error);
      const nodes = await fs.promises
        .copyFile(from, to, mode)
        .catch((error: unknown) => error);
      const { code, errno, syscall, path, dest, message } =
        nodes as NodeJS.ErrnoException & { dest: string };
      expect(ours).toMatchObject({ code, errno, syscall, path, dest, message });
    }
    expect(fs.readFileSync(other, "utf8")).toBe("other");
  });

  it("starts its paths in the given folder, and treats a clone as a wish", async () => {
    const home = folder.join(`${backend}-home`);
    fs.mkdirSync(home);
    fs.writeFileSync(`${home}/source`, "text");
    await using wd = await eio.wd(home);
    const options = { wd, digest: "crc32c", mode: COPYFILE_FICLONE } as const;
    const { bytes } = await eio.copyFile("source", "copy", options);
    expect(bytes).toBe(4);
    expect(fs.readFileSync(`${home}/copy`, "utf8")).toBe("text");
  });

  it("refuses what it does not know", async () => {
    const source = folder.file(`${backend}-refused`, "");
    const refused: [object, string][] = [
      [{ digest: "md5" }, "ERR_INVALID_ARG_VALUE"],
      [{ digest: 1 }, "ERR_INVALID_ARG_TYPE"],
      [{ mode: 8 }, "ERR_OUT_OF_RANGE"],
      [
        { mode: COPYFILE_FICLONE_FORCE, digest: "sha256" },
        "ERR_INVALID_ARG_VALUE",
      ],
      [{ digst: "sha256" }, "ERR_EIO_INVALID_OPTION"],
      [{ cache: "none" }, "ERR_INVALID_ARG_VALUE"],
    ];
    for (const [options, code] of refused)
      await expect(
        eio.copyFile(source, nextCopy(), options as CopyFileOptions),
      ).rejects.toMatchObject({ code });
  });
}
