// The same where there is no native code: nothing is kept within a folder there, so none is opened, and a
// request that needs it all the same is refused by the workers.
import fs from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";

vi.hoisted(() => (process.env["NODE_EIO_NATIVE"] = "0"));

import { Eio } from "../../../src/api/create.ts";
import { Descriptor } from "../../../src/api/handles/descriptor.ts";
import { Instance } from "../../../src/api/instance/instance.ts";
import { constants } from "../../../src/api/sys/constants.ts";
import {
  FOLDER,
  workingDirectory,
} from "../../../src/api/working-directories/open.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { calls } from "./calls.ts";
import { buildTree, outside, waysOut } from "./ways-out.ts";

const instance = new Instance({ maxParallel: 2 });
const { engine } = instance;
const eio = new Eio(() => instance);
afterAll(() => eio.close());
const root = buildTree(testFolder());

it("refuses a folder that paths are to be kept within, and says why", async () => {
  const before = descriptorsBelow(root);
  const { readdir } = eio.promises;
  for (const options of [{ beneath: true }, { beneath: true, xdev: false }])
    await expect(eio.wd(`${root}/in`, options)).rejects.toMatchObject({
      code: "ERR_EIO_BENEATH_UNAVAILABLE",
      message: expect.stringMatching(
        /native addon.*NODE_EIO_NATIVE=0/,
      ) as string,
    });
  expect(await readdir(`${root}/in/folder`)).toContain("inner");
  expect(descriptorsBelow(root)).toEqual(before);
});

describe("where the folder was opened all the same, no way leads out by", () => {
  const { RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS } = constants;
  const descriptor = new Descriptor(engine, fs.openSync(`${root}/in`, FOLDER));
  const limits = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const within = `${root}/in`;
  const wd = workingDirectory(() => engine, descriptor, within, within, limits);
  afterAll(() => wd.close());

  it.each(Object.entries(calls))("%s", async (_name, call) => {
    const before = outside(root);
    const functions = wd.promises as unknown as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
    for (const path of waysOut(root, call.name, call)) {
      const run = functions[call.name]!(...call.args(path), {
        ...call.options,
      });
      await expect(run, path).rejects.toMatchObject({ code: "ENOSYS" });
    }
    expect(outside(root)).toEqual(before);
  });
});
