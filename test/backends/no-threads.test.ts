// Where the system gives the process no more threads: requests go on with those that there are, and without any on the
// thread that calls.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { compilerMissing } from "../helpers/compile.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const file = folder.file("file", "content");
const door = pathToFileURL(path.resolve("dist/index.js")).href;
const library = folder.join("no-threads.so");
const program = folder.file(
  "program.mjs",
  `import { createEio } from ${JSON.stringify(door)};
   const [file, left, minParallel] = process.argv.slice(2);
   process.env.THREADS_LEFT = left;
   const eio = createEio({ minParallel: Number(minParallel) });
   const all = async (run) => {
     const settled = await Promise.allSettled(Array.from({ length: 300 }, run));
     return settled.map(({ value, reason }) => value ?? reason.code);
   };
   const texts = await all(() => eio.promises.readFile(file, "utf8"));
   const sizes = await all(() => eio.promises.stat(file).then(({ size }) => size));
   console.log(JSON.stringify([[...new Set(texts)], [...new Set(sizes)], eio.nreqs]));
   await eio.close();`,
);

const cannot = compilerMissing() ?? (process.env["LD_PRELOAD"] || null);
describe.skipIf(cannot !== null)("without threads", () => {
  beforeAll(() => {
    const source = path.join(import.meta.dirname, "no-threads.c");
    const flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror"];
    execFileSync(process.env["CC"] ?? "cc", [
      ...flags,
      source,
      ...["-o", library, "-ldl"],
    ]);
  });

  const cases = ["pool", "threads", "auto"].flatMap((backend) =>
    [0, 1].flatMap((left) =>
      [0, 4].map((floor): [string, number, number] => [backend, left, floor]),
    ),
  );
  it.each(cases)("%s does all with %i of them, %i wanted", (...wanted) => {
    const [backend, left, floor] = wanted;
    const printed = execFileSync(
      process.execPath,
      [program, file, String(left), String(floor)],
      {
        encoding: "utf8",
        env: { ...process.env, NODE_EIO_BACKEND: backend, LD_PRELOAD: library },
      },
    );
    expect(JSON.parse(printed)).toEqual([["content"], [7], 0]);
  });
});
