// The door in processes of its own: parked in a foreign loop from the first call on, and without a descriptor left. They
// run the built package.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { loadNative } from "../../../src/backends/native.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const url = (file: string): string =>
  JSON.stringify(pathToFileURL(path.join(root, file)).href);
const native = loadNative().addon !== null;

function printed(program: string, limit = ""): string {
  const node = [process.execPath, "--input-type=module", "-e", program];
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", `${limit} exec "$@"`, "sh", ...node],
    { cwd: root, encoding: "utf8" },
  );
  expect(stderr).toBe("");
  return stdout.trim();
}

const parked = `
  import { load } from ${url("examples/epoll-host/compile.mjs")};
  import eio from ${url("dist/eio.js")};
  const host = load("parked.c");
  eio.init();
  eio.set_min_parallel(4);
  const fd = eio.poll_fileno();
  let turns = 0;
  setImmediate(() => turns++);
  let left = 0;
  const end = () => void left--;
  for (let i = 0; i < 20; i++) {
    for (const name of ["stat", "load", "readlink"]) eio[name]("/etc/passwd", 0, end);
    eio.readdirx("/etc", 7, 0, end);
    eio.busy(0.001, 0, end);
    left += 5;
  }
  host?.run(fd, () => (eio.poll(), left > 0));
  console.log(host === null ? "no compiler" : left, turns);
`;

const exhausted = `
  import fs from "node:fs";
  import { createEio } from ${url("dist/index.js")};
  const { eio } = createEio({ fdGate: true });
  const fds = [];
  try { for (;;) fds.push(fs.openSync("/dev/null")); } catch {}
  const ended = [];
  const run = (name, ...args) =>
    new Promise((resolve) => eio[name](...args, 0, ({ result, code }) => {
      ended.push(name);
      resolve(code ?? (result >= 0 ? "ok" : "?"));
    }));
  const waiting = [run("load", "/etc/passwd"), run("readdir", "/etc", 0), run("open", "/etc/passwd", 0, 0)];
  const others = await Promise.all([run("stat", "/etc/passwd"), run("nop"), run("fstat", fds[0]), run("readlink", "/none")]);
  console.log(...others, ended.length);
  fds.splice(0, 8).forEach((fd) => fs.closeSync(fd));
  console.log(...(await Promise.all(waiting)));
`;

describe.skipIf(!native)("in a process of its own", () => {
  it("init, set_min_parallel and poll_fileno are enough to park in epoll: no turn of Node's loop is needed", () => {
    expect(printed(parked)).toMatch(/^(0|no compiler) 0$/);
  });

  it("what needs no descriptor waits for none, also before the first thread was started; what opens waits", () => {
    expect(printed(exhausted, "ulimit -n 60;")).toBe(
      "ok ok ok ENOENT 4\nok ok ok",
    );
  });
});
