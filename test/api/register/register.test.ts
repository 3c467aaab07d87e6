// The register door in processes of their own: what importers of either kind find on node:fs, what
// stays Node's, and how it is undone.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-register-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const url = (door: string): string =>
  pathToFileURL(path.join(root, "dist", door)).href;

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(
  name: string,
  program: string,
  args: string[] = ["--import", url("register.js")],
  env: Record<string, string> = {},
): Ran {
  const file = path.join(folder, name);
  fs.writeFileSync(file, program);
  return spawnSync(process.execPath, [...args, file], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

/** What the program printed last, as JSON. */
function answerOf(ran: Ran): unknown {
  expect(ran.stderr).toBe("");
  expect(ran.status).toBe(0);
  return JSON.parse(ran.stdout.trim().split("\n").at(-1)!);
}

const report = `
  const is = (name, nodes = fs, ours = eio.fs) => nodes[name] === ours[name];
  const replaced = {
    callbacks: ["readFile", "open", "read", "stat", "opendir", "rm", "cp", "close"].every((name) => is(name)),
    streams: ["createReadStream", "createWriteStream", "ReadStream", "WriteStream"].every((name) => is(name)),
    promises: ["readFile", "open", "stat", "opendir", "rm", "cp"].every((name) => is(name, fs.promises, eio.promises)),
    named: readFile === eio.fs.readFile && readPromised === eio.promises.readFile,
    sync: is("readFileSync") && is("Stats"),
  };
  console.log(JSON.stringify(replaced));`;
const ours = {
  callbacks: true,
  streams: true,
  promises: true,
  named: true,
  sync: true,
};

const esm = `
  import fs, { readFile } from "fs";
  import { readFile as readPromised } from "node:fs/promises";
  const { eio } = await import(${JSON.stringify(url("index.js"))});
  ${report}`;
const commonjs = `
  const fs = require("fs");
  const { readFile } = require("node:fs");
  const { readFile: readPromised } = require("fs/promises");
  import(${JSON.stringify(url("index.js"))}).then(({ eio }) => {${report}});`;

describe("node-eio/register", () => {
  it("replaces node:fs for importers of ES modules", () => {
    expect(answerOf(run("esm.mjs", esm))).toEqual(ours);
  });

  it("replaces it for CommonJS", () => {
    expect(answerOf(run("common.cjs", commonjs))).toEqual(ours);
  });

  it("can be required", () => {
    const args = ["--no-warnings", "--require", `${root}/dist/register.js`];
    expect(answerOf(run("required.cjs", commonjs, args))).toEqual(ours);
    expect(answerOf(run("required.mjs", esm, args))).toEqual(ours);
  });

  it("is inherited through NODE_OPTIONS by children and by worker threads", () => {
    const inner = `
      import fs from "node:fs";
      import { Worker, isMainThread, parentPort } from "node:worker_threads";
      import { execFileSync } from "node:child_process";
      const { eio } = await import(${JSON.stringify(url("index.js"))});
      const is = fs.readFile === eio.fs.readFile;
      if (!isMainThread) parentPort.postMessage(is);
      else if (process.argv[2] === "child") console.log(is);
      else {
        const child = execFileSync(process.execPath, [import.meta.filename, "child"], { encoding: "utf8" });
        const worker = new Worker(new URL(import.meta.url));
        worker.once("message", (inWorker) => console.log(JSON.stringify({ is, child: child.trim(), inWorker })));
      }`;
    const env = { NODE_OPTIONS: `--import ${url("register.js")}` };
    expect(answerOf(run("inherited.mjs", inner, [], env))).toEqual({
      is: true,
      child: "true",
      inWorker: true,
    });
  });

  it("leaves the workers of the pool alone", () => {
    fs.writeFileSync(
      path.join(folder, "in-worker.mjs"),
      `import { isRegistered } from ${JSON.stringify(url("register.js"))};
       export default () => isRegistered();`,
    );
    const program = `
      import { eio } from ${JSON.stringify(url("index.js"))};
      console.log(await eio.custom(new URL("./in-worker.mjs", import.meta.url)));`;
    expect(answerOf(run("custom.mjs", program))).toBe(false);
  });

  it("serves files, handles, folders and streams", () => {
    const program = `
      import fs, { createReadStream } from "node:fs";
      import { open, opendir, writeFile } from "node:fs/promises";
      import { text } from "node:stream/consumers";
      await writeFile("a.txt", "content");
      const handle = await open("a.txt");
      const read = await handle.read(Buffer.alloc(7));
      await handle.close();
      const names = [];
      for await (const { name } of await opendir(".")) names.push(name);
      const called = await new Promise((resolve) => fs.readFile("a.txt", "utf8", (_, text) => resolve(text)));
      const missing = await fs.promises.stat("missing").catch(({ code, syscall, path }) => ({ code, syscall, path }));
      console.log(JSON.stringify({ read: read.bytesRead, named: names.includes("a.txt"), called, missing,
        streamed: await text(createReadStream("a.txt")), sync: fs.readFileSync("a.txt", "utf8") }));`;
    expect(answerOf(run("works.mjs", program))).toEqual({
      read: 7,
      named: true,
      called: "content",
      missing: { code: "ENOENT", syscall: "stat", path: "missing" },
      streamed: "content",
      sync: "content",
    });
  });

  it("is undone, but for what somebody else replaced since", () => {
    const program = `
      import fs, { readFile } from "node:fs";
      const before = { readFile, stat: fs.stat, promised: fs.promises.readFile, Stream: fs.ReadStream };
      const { register, unregister, isRegistered } = await import(${JSON.stringify(url("register.js"))});
      const replaced = readFile !== before.readFile && isRegistered();
      register();
      const theirs = () => {};
      fs.stat = theirs;
      unregister();
      console.log(JSON.stringify({ replaced, again: isRegistered(), readFile: readFile === before.readFile,
        promised: fs.promises.readFile === before.promised, Stream: fs.ReadStream === before.Stream,
        stat: fs.stat === theirs }));`;
    expect(answerOf(run("undone.mjs", program, []))).toEqual({
      replaced: true,
      again: false,
      readFile: true,
      promised: true,
      Stream: true,
      stat: true,
    });
  });

  it("takes options from the environment", () => {
    const program = `
      const { eio } = await import(${JSON.stringify(url("index.js"))});
      console.log(JSON.stringify([eio.limits.maxParallel, eio.limits.idleTimeoutMs, eio.backend]));`;
    const env = {
      NODE_EIO_MAX_PARALLEL: "3",
      NODE_EIO_IDLE_TIMEOUT_MS: "25",
      NODE_EIO_BACKEND: "pool",
    };
    expect(answerOf(run("env.mjs", program, undefined, env))).toEqual([
      3,
      25,
      "pool",
    ]);
  });

  it.each([
    ["NODE_EIO_MAX_PARALLEL", "many", "a number"],
    ["NODE_EIO_MAX_PARALLEL", "-1", "an integer from 0 to 1024"],
    ["NODE_EIO_AGEING", "perhaps", "1, true, 0 or false"],
  ])("refuses %s=%s at the start", (name, value, want) => {
    const ran = run("refused.mjs", "console.log('ran')", undefined, {
      [name]: value,
    });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toContain("ERR_EIO_INVALID_OPTION");
    expect(ran.stderr).toContain(`must be ${want}`);
  });
});

it("streams and writeFile call what somebody has put over ours", () => {
  const ran = run(
    "over.mjs",
    `import fs from "node:fs";
    const called = [];
    for (const name of ["open", "read", "write", "fsync", "close"]) {
      const before = fs[name];
      fs[name] = (...args) => { called.push(name); return before(...args); };
    }
    const callsOf = async (run) => { called.length = 0; await run(); return called.join(" "); };
    const ended = (stream) => new Promise((resolve) => stream.on("close", resolve));
    const write = await callsOf(() => ended(fs.createWriteStream("over.txt", { flush: true }).end("some text")));
    const read = await callsOf(() => ended(fs.createReadStream("over.txt").resume()));
    const whole = await callsOf(() => new Promise((resolve) => fs.writeFile("over.txt", "other", { flush: true }, resolve)));
    console.log(JSON.stringify({ write, read, whole }));`,
  );
  const node = run(
    "over-node.mjs",
    fs.readFileSync(path.join(folder, "over.mjs"), "utf8"),
    [],
  );
  expect(answerOf(ran)).toEqual(answerOf(node));
  expect(answerOf(ran)).toMatchObject({ write: "open write fsync close" });
});
