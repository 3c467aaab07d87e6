// A process that has no descriptor left when its pool is first used: no worker starts, and no file of the package can be
// read. What it has of the package since the import must do, or the request fails as a system call would.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { bundle } from "../helpers/bundle.mjs";
import { testFolder } from "../helpers/files.ts";
import { isThreadSanitized } from "../helpers/sanitizers.ts";

const folder = testFolder();
const file = folder.file("file", "content");
const door = pathToFileURL(
  path.resolve(import.meta.dirname, "../../dist/index.js"),
).href;

/** What a program prints, as JSON; it may have 60 descriptors. */
function printed(main: string, ...args: string[]): unknown {
  const { stdout, stderr, status } = spawnSync(
    "bash",
    ["-c", `ulimit -n 60; exec "$0" "$@"`, process.execPath, main, ...args],
    { encoding: "utf8", env: { ...process.env, NODE_EIO_NATIVE: "off" } },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

/** A shell sets the limit. */
const suite = describe.skipIf(isThreadSanitized);

suite("the built package without descriptors", () => {
  const program = folder.file(
    "main.mjs",
    `import fs from "node:fs";
     import { createEio } from ${JSON.stringify(door)};
     const [file, backend, spare] = process.argv.slice(2);
     const held = [];
     const fill = () => { try { for (;;) held.push(fs.openSync("/dev/null")); } catch {} };
     const free = (count = held.length) => held.splice(0, count).forEach((fd) => fs.closeSync(fd));
     const code = (promise) => promise.then(() => "ok", (error) => error.code);
     const eio = createEio({ backend });
     fill();
     free(Number(spare));
     const short = [];
     for (let i = 0; i < 2; i++) {
       short.push(await code(eio.promises.stat(file)));
       short.push(await code(eio.promises.stat(file + "-missing")));
     }
     free();
     const text = await eio.promises.readFile(file, "utf8");
     await eio.close();
     console.log(JSON.stringify({ short, text }));`,
  );
  // How far the loading of workers gets depends on how many are left.
  const cases = [
    ["pool", "0"],
    ["pool", "1"],
    ["pool", "2"],
    ["node", "0"],
    ["auto", "0"],
  ] as const;
  it.each(cases)(
    "does with %s and %s of them what takes none, and closes",
    (backend, spare) => {
      expect(printed(program, file, backend, spare)).toEqual({
        short: ["ok", "ENOENT", "ok", "ENOENT"],
        text: "content",
      });
    },
  );
});

suite("a bundled program without descriptors", () => {
  const program = bundle("test/helpers/no-descriptors.ts");

  it.each(["pool", "node"])(
    "fails with EMFILE where %s cannot load its code, and goes on when there are some",
    (backend) => {
      expect(printed(program, "failing", backend, file)).toEqual({
        short: ["EMFILE", "EMFILE", "EMFILE"],
        text: "content",
      });
    },
  );

  it("closes while there are none", () => {
    expect(printed(program, "closedWhileShort", "pool", file)).toBe("closed");
  });

  it("keeps the process until a close() from inside a callback is over", () => {
    expect(printed(program, "closedInCallback", "pool", file)).toEqual({
      result: 0,
    });
  });
});
