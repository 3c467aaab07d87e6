// Times of files set by native code: to the last digit those that the running Node's own functions set.
import fs from "node:fs";
import { afterAll, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const { available } = listBackends().threads;
const eio = createEio(available ? { backend: "threads" } : {});
afterAll(() => eio.close());

const SECONDS = [
  ...[0, 1, 1.5, 1e10 + 0.7, 2 ** 33],
  ...[1700000000.123456, 1700000000.9999998, 123456789.98765433],
  ...["-1", "-1.5", "-0.0000015", "-62135596800"],
];

const setTime = (file: string): bigint =>
  fs.lstatSync(file, { bigint: true }).mtimeNs;

it.skipIf(!available).each(SECONDS)(
  "%s seconds are what they are to node:fs",
  async (seconds) => {
    const file = folder.file("file", "");
    const link = folder.join("link");
    fs.rmSync(link, { force: true });
    fs.symlinkSync(file, link);
    fs.utimesSync(file, seconds, seconds);
    const expected = setTime(file);
    fs.utimesSync(file, 7, 7);
    await eio.promises.utimes(file, seconds, seconds);
    expect(setTime(file)).toBe(expected);
    await eio.promises.lutimes(link, seconds, seconds);
    expect(setTime(link)).toBe(expected);
    fs.utimesSync(file, 7, 7);
    const handle = await eio.promises.open(file, "r+");
    await handle.utimes(seconds, seconds);
    await handle.close();
    expect(setTime(file)).toBe(expected);
  },
);
