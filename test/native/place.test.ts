// A path of a working directory that is kept within its folder, in native code: `..`, however it is spelled, is never
// taken for a name in the folder, and what is outside stays as it was.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const inside = folder.join("in");
fs.mkdirSync(`${inside}/a`, { recursive: true });
fs.symlinkSync("..", `${inside}/out`);
const eio = createEio();
afterAll(() => eio.close());

/** Of all at once: a call that is rejected while another is waited for would be nobody's. */
const leadsOut = (call: Promise<unknown>): Promise<void> =>
  expect(call).rejects.toMatchObject({ code: "EXDEV" });

describe.skipIf(loadNative().addon === null)("outside", () => {
  it.each(["..", "a/../..", "../", "out/."])("%s", async (path) => {
    const wd = await eio.wd(inside, { beneath: true });
    fs.utimesSync(folder.path, 10, 10);
    const at = { wd } as never;
    const { promises } = eio;
    const calls = [
      promises.lutimes(path, 1, 2, at),
      promises.lchown(path, 0, 0, at),
      promises.rmdir(path, at),
      promises.mkdir(path, at),
      promises.rename(path, "b", at),
      promises.rename("a", path, at),
      promises.chmod(path, 0o700, at),
      promises.stat(path, at),
    ];
    await Promise.all(calls.map(leadsOut));
    await wd.close();
    const { mtimeMs } = fs.statSync(folder.path);
    expect(mtimeMs).toBe(10_000);
    expect(fs.readdirSync(inside).sort()).toEqual(["a", "out"]);
  });

  it("what a link leads to", async () => {
    const wd = await eio.wd(inside, { beneath: true });
    const at = { wd } as never;
    const { chmod, access, utimes } = eio.promises;
    const calls = [
      chmod("out", 0o700, at),
      access("out", 0, at),
      utimes("out", 1, 2, at),
    ];
    await Promise.all(calls.map(leadsOut));
    await wd.close();
  });
});
