// What a survey reports, by native code and by the portable executor: the same bytes, of whole folders, of names, and of folders that are
// others than expected.
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { survey } from "../../src/api/watch-tree/survey.ts";
import { NO_TERMS } from "../../src/api/terms.ts";
import { loadNative } from "../../src/backends/native.ts";
import { identityBytes } from "../../src/api/watch-tree/records.ts";
import { closeEngines, makeEngine } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";

const ESTALE = -116;
const folder = testFolder();
folder.file("one", "1");
folder.file("three", "333");
fs.mkdirSync(folder.join("below"));
fs.symlinkSync("nowhere", folder.join("link"));
fs.utimesSync(folder.join("one"), 1, 12345.678);

afterEach(closeEngines);

const look = { path: folder.path, names: null, expected: null, watcher: null };
type Look = Parameters<typeof survey>[1];

/** Name to record, or null where there is none. */
async function surveyed(
  backend: string,
  change: Partial<Look> = {},
): Promise<Record<string, number[] | null>> {
  const found = await survey(
    makeEngine({ backend }),
    { ...look, ...change },
    NO_TERMS,
  );
  const entries: [string, number[] | null][] = [];
  found.each((name, at, absent) =>
    entries.push([name, absent ? null : [...found.words.subarray(at, at + 7)]]),
  );
  const own = [...found.words.subarray(found.ownAt, found.ownAt + 7)];
  return { ...Object.fromEntries(entries.sort()), ".": own };
}

const backends = loadNative().addon === null ? ["pool"] : ["pool", "threads"];

describe.each(backends)("a survey with backend %s", (backend) => {
  it("lists a folder with numbers, times, sizes and modes", async () => {
    const found = await surveyed(backend);
    expect(Object.keys(found).sort()).toEqual([
      ".",
      "below",
      "link",
      "one",
      "three",
    ]);
    const { ino, mode, size, mtimeNs } = fs.lstatSync(folder.join("one"), {
      bigint: true,
    });
    const [inoLow, inoHigh, timeLow, timeHigh, sizeLow, , modeAndOwner] =
      found["one"]!;
    expect((BigInt(inoHigh!) << 32n) | BigInt(inoLow!)).toBe(ino);
    expect((BigInt(timeHigh!) << 32n) | BigInt(timeLow!)).toBe(mtimeNs);
    expect(BigInt(sizeLow!)).toBe(size);
    expect(BigInt(modeAndOwner! & 0xffff)).toBe(mode);
  });

  it("looks at names, of which some are not there", async () => {
    const names = ["three", "missing", "x".repeat(300)];
    const found = await surveyed(backend, { names });
    expect(Object.keys(found).sort()).toEqual([".", ...names].sort());
    expect(found["missing"]).toBe(null);
    expect(found["three"]).toEqual((await surveyed(backend))["three"]);
  });

  it("fails with ESTALE where another folder is than the expected one", async () => {
    const own = Uint32Array.from((await surveyed(backend))["."]!);
    const expected = identityBytes(own, 0);
    expect(await surveyed(backend, { expected })).toHaveProperty("one");
    expected[0]! ^= 1;
    await expect(surveyed(backend, { expected })).rejects.toMatchObject({
      errno: ESTALE,
    });
    const path = folder.join("one");
    await expect(surveyed(backend, { path })).rejects.toMatchObject({
      code: "ENOTDIR",
    });
  });
});

it.skipIf(backends.length < 2)("is the same by both", async () => {
  expect(await surveyed("pool")).toEqual(await surveyed("threads"));
});
