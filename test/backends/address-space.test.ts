// Where `ulimit -v` leaves little address space, an instance runs with what fits or says what is short. V8 ends the
// process when a worker finds too little, so none may be started there.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";

const MIB = 1 << 20;
const folder = testFolder();
const file = folder.file("file", "content");
const large = folder.file("large", "");
// Of its bytes nothing is of interest: it has none on the disk.
fs.truncateSync(large, 256 * MIB);
const door = pathToFileURL(path.resolve("dist/index.js")).href;

/** Everything is loaded, and then so many MiB are left. */
const program = folder.file(
  "program.mjs",
  `import { execFileSync } from "node:child_process";
   import fs from "node:fs";
   import { createEio } from ${JSON.stringify(door)};
   const [room, options] = process.argv.slice(2).map((text) => JSON.parse(text));
   const status = fs.readFileSync("/proc/self/status", "latin1");
   const used = Number(/^VmSize:\\s+(\\d+)/m.exec(status)[1]) * 1024;
   execFileSync("prlimit", ["--pid", process.pid, "--as=" + (used + room * ${MIB})]);
   const report = (what) => console.log(JSON.stringify(what));
   let eio;
   try {
     eio = createEio(options);
   } catch ({ code, message }) {
     report({ code, message });
     process.exit();
   }
   const each = Array.from({ length: 300 }, () => eio.promises.readFile(${JSON.stringify(file)}, "utf8"));
   const texts = [...new Set(await Promise.all(each))];
   const code = await eio.promises.readFile(${JSON.stringify(large)})
     .then(({ length }) => length, (error) => error.code ?? error.message);
   report({ backend: eio.backend, texts, large: code, left: eio.nreqs });
   await eio.close();`,
);

function run(room: number, options: object, native = "1"): unknown {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, JSON.stringify(room), JSON.stringify(options)],
    { encoding: "utf8", env: { ...process.env, NODE_EIO_NATIVE: native } },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

const limits = spawnSync("prlimit", ["--version"]).error === undefined;
const sanitized = Boolean(process.env["LD_PRELOAD"]);
const native = loadNative().addon !== null;
const all = { texts: ["content"], left: 0 };
const nearly = { arenaBytes: 2 * MIB, allocBytes: 0, slots: 64 };

describe.skipIf(!limits || sanitized)("with little address space", () => {
  it("createEio says what is short, and of what", () => {
    expect(run(160, {})).toEqual({
      code: "ERR_EIO_NO_MEMORY",
      message: expect.stringMatching(
        /it takes \d+ MiB of address space, and of \d+ MiB \(ulimit -v\) \d+ MiB are in use. Raise the limit, or .* smaller slots, arenaBytes and allocBytes \(/,
      ) as string,
    });
  });

  it.skipIf(!native)("an instance with little memory runs", () => {
    expect(run(250, nearly)).toMatchObject({ ...all, large: "ENOMEM" });
  });

  it("the pool is not available", () => {
    expect(run(512, { backend: "pool" })).toEqual({
      code: "ERR_EIO_BACKEND_UNAVAILABLE",
      message: expect.stringMatching(
        /no worker can start: it takes \d+ MiB of address space, .*ulimit -v/,
      ) as string,
    });
  });

  it("requests run on the thread of the loop where there is nothing else", () => {
    expect(run(256, nearly, "0")).toEqual({
      ...all,
      backend: "node",
      large: "Array buffer allocation failed",
    });
  });

  it("the pool goes on with the workers that fit", () => {
    const many = { backend: "pool", minParallel: 8, ...nearly };
    expect(run(2500, many, "0")).toEqual({
      ...all,
      backend: "pool",
      large: 256 * MIB,
    });
  });
});
