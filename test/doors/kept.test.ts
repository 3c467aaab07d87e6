// What works without the package's files once it is imported: a program may be left without descriptors, without permission
// or, while it runs, without the package.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";

const temp = fs.mkdtempSync(path.join(os.tmpdir(), "eio-kept-"));
afterAll(() => fs.rmSync(temp, { recursive: true }));
const root = path.resolve(import.meta.dirname, "../..");
const addon = path.join(root, "native-aio/build/Release/node-eio.node");

const program = `
  const folder = process.argv[2];
  const eio = require(folder + "/dist/index.cjs").eio;
  const { promises: fs } = eio;
  require("node:fs").rmSync(folder + "/dist", { recursive: true });
  (async () => {
    const file = folder + "/file";
    await fs.writeFile(file, "content");
    const handle = await fs.open(file, "r+");
    const read = await handle.readFile("utf8");
    const streamed = [];
    for await (const chunk of handle.createReadStream({ start: 0, encoding: "utf8" })) streamed.push(chunk);
    const names = await fs.readdir(folder);
    const dir = await fs.opendir(folder);
    const entries = [];
    for await (const { name } of dir) entries.push(name);
    await fs.rm(file);
    console.log(JSON.stringify({ read, streamed: streamed.join(), names, entries, left: await fs.readdir(folder) }));
  })();`;

it.skipIf(!fs.existsSync(addon))(
  "a program whose package was removed goes on to open, list, stream and remove files",
  () => {
    const folder = path.join(temp, "package");
    fs.cpSync(path.join(root, "dist"), path.join(folder, "dist"), {
      recursive: true,
    });
    const main = path.join(temp, "main.cjs");
    fs.writeFileSync(main, program);
    const printed = execFileSync(process.execPath, [main, folder], {
      encoding: "utf8",
      env: { ...process.env, NODE_EIO_NATIVE: addon },
    });
    expect(JSON.parse(printed)).toEqual({
      read: "content",
      streamed: "content",
      names: ["file"],
      entries: ["file"],
      left: [],
    });
  },
);
