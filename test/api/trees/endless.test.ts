// mkdir with all that is above, where nothing can be made in a folder that is there: Node before 26 tries again for ever,
// and here it is Node 26's error, with and without native code.
import { execFile } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";

const run = promisify(execFile);
const folder = testFolder();
const source = folder.file("source");
const door = pathToFileURL(path.resolve("dist/index.js")).href;
const missing = "/proc/none-of-node-eio";
const program = folder.file(
  "program.mjs",
  `import { eio } from ${JSON.stringify(door)};
   const { mkdir, cp } = eio.promises;
   const failure = (made) => made.then(() => "made", ({ message, path }) => [message, path]);
   const recursive = { recursive: true };
   const all = [
     mkdir("${missing}", recursive),
     mkdir("${missing}/y", recursive),
     mkdir(Buffer.from("${missing}/y/z/"), recursive),
     mkdir("/proc/self/none/y", recursive),
     cp(${JSON.stringify(source)}, "${missing}/y/z"),
   ];
   console.log(JSON.stringify(await Promise.all(all.map(failure))));
   await eio.close();`,
);

/** Nothing that hangs outlives the test. */
const running = new AbortController();
afterAll(() => running.abort());

const refused = (name: string): [string, string] => [
  `ENOENT: no such file or directory, mkdir '${name}'`,
  name,
];

const ways = ["threads", "pool"].map((NODE_EIO_BACKEND) => ({
  NODE_EIO_BACKEND,
  NODE_EIO_NATIVE: "1",
}));
const portable = { NODE_EIO_BACKEND: "pool", NODE_EIO_NATIVE: "0" };

describe.skipIf(process.platform !== "linux")("mkdir -p in /proc", () => {
  it.each([...ways, portable])("ends with ENOENT: %o", async (env) => {
    const { signal } = running;
    const { stdout } = await run(process.execPath, [program], {
      signal,
      env: { ...process.env, ...env },
    });
    expect(JSON.parse(stdout)).toEqual([
      refused(missing),
      refused(missing),
      refused(missing),
      refused("/proc/self/none"),
      refused(missing),
    ]);
  });
});
