// A process whose current folder was removed: what a path needs no name for still works.
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const door = (name: string): string =>
  new URL(`../../../dist/${name}.js`, import.meta.url).href;

it.runIf(process.platform === "linux")(
  "opens the current folder as a working directory by both doors",
  () => {
    const program = `
      import fs from "node:fs";
      const { eio } = await import(${JSON.stringify(door("index"))});
      const { eio_wd_open, eio_wd_open_sync } = await import(${JSON.stringify(door("eio"))});
      fs.mkdirSync("gone");
      process.chdir("gone");
      fs.rmdirSync("../gone");
      const wd = await eio.wd(".");
      const result = await new Promise((resolve) => eio_wd_open(".", 0, (req) => resolve(req.result)));
      const sync = eio_wd_open_sync(".");
      const { nlink } = await wd.promises.stat(".");
      console.log(JSON.stringify([result, typeof sync, nlink]));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", program],
      { cwd: folder.join("."), encoding: "utf8" },
    );
    expect([stdout.trim(), stderr]).toEqual(['[0,"object",0]', ""]);
  },
);
