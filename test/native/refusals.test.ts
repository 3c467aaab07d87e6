// Where the kernel or its administrator refuses io_uring, everything still works, and says why. The
// refusals are real: a seccomp filter, a limit of locked memory, an addon that may not be loaded.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";
import { isThreadSanitized } from "../helpers/sanitizers.ts";

const here = import.meta.dirname;
const doors = path.resolve(here, "../../dist/index.js");
const folder = testFolder();
const file = folder.file("file", "content");
const deny = folder.join("deny");
const skip = loadNative().addon === null ? "there is no native code" : false;
if (skip === false)
  execFileSync("cc", ["-O1", "-o", deny, path.join(here, "deny.c")]);

const program = `
  const { eio, createEio } = await import(${JSON.stringify(doors)});
  const file = ${JSON.stringify(file)};
  const buffer = Buffer.alloc(7);
  const handle = await eio.promises.open(file);
  await handle.read(buffer, 0, 7, 0);
  const { size } = await eio.promises.stat(file);
  const text = await eio.promises.readFile(file, "utf8");
  let refused = null;
  try { createEio({ backend: "uring" }); } catch (error) { refused = error.message; }
  console.log(JSON.stringify({ backend: eio.backend, uring: eio.backends.uring,
    read: buffer.toString(), size, text, refused }));`;

/** Nothing can be opened when the backends are looked at; afterwards it can. */
const exhausted = `
  import fs from "node:fs";
  const { eio } = await import(${JSON.stringify(doors)});
  const taken = [];
  try {
    for (;;) taken.push(fs.openSync("/dev/null"));
  } catch {}
  const { backend, backends } = eio;
  for (const fd of taken) fs.closeSync(fd);
  const text = await eio.promises.readFile(${JSON.stringify(file)}, "utf8");
  console.log(JSON.stringify({ backend, uring: backends.uring, text }));`;

function run(
  before: string[],
  env: Record<string, string> = {},
  what = program,
): unknown {
  const [command, ...rest] = [...before, process.execPath];
  const args = [...rest, "--input-type=module", "-e", what];
  const { stdout, stderr } = spawnSync(command!, args, {
    encoding: "utf8",
    env: { ...process.env, NODE_EIO_BACKEND: "", ...env },
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const works = { read: "content", size: 7, text: "content" };

describe.skipIf(skip)("a kernel that refuses io_uring", () => {
  it.each([
    ["EPERM", 1],
    ["ENOSYS", 38],
    ["ENOMEM", 12],
  ])("with %s is done without", (code, errno) => {
    expect(run([deny, String(errno)])).toEqual({
      ...works,
      backend: "nowait",
      uring: {
        available: false,
        reason: expect.stringContaining(`io_uring_setup: ${code}`) as string,
      },
      refused: expect.stringContaining(`io_uring_setup: ${code}`) as string,
    });
  });

  it.each([
    ["statx", "EPERM", 1, "uring"],
    ["statx", "ENOSYS", 38, "uring"],
    ["io_uring_enter", "EPERM", 1, "nowait"],
  ])("or %s alone with %s works", (call, _code, errno, backend) => {
    const denied = folder.join(`deny-${call}`);
    const source = path.join(here, "deny.c");
    execFileSync("cc", ["-O1", `-DDENIED=SYS_${call}`, "-o", denied, source]);
    expect(run([denied, String(errno)])).toMatchObject({ ...works, backend });
  });

  it.skipIf(isThreadSanitized)("has no need of locked memory", () => {
    const limited = ["sh", "-c", 'ulimit -l 0 && exec "$@"', "sh"];
    expect(run(limited)).toMatchObject({ ...works, backend: "uring" });
  });

  it.skipIf(isThreadSanitized)(
    "as a process without descriptors does, is done without",
    () => {
      const limited = ["sh", "-c", 'ulimit -n 200 && exec "$@"', "sh"];
      expect(run(limited, {}, exhausted)).toEqual({
        backend: "pool",
        uring: {
          available: false,
          reason: expect.stringMatching(
            /EMFILE|too many open files/i,
          ) as string,
        },
        text: "content",
      });
    },
  );
});

const sysctl = "/proc/sys/kernel/io_uring_disabled";

/** Refused while the backends are looked at, which takes a millisecond, and not for longer. */
const disabled = `
  import fs from "node:fs";
  const { eio, createEio } = await import(${JSON.stringify(doors)});
  const before = fs.readFileSync(${JSON.stringify(sysctl)}, "latin1");
  let backends;
  try {
    fs.writeFileSync(${JSON.stringify(sysctl)}, "2");
    backends = eio.backends;
  } finally {
    fs.writeFileSync(${JSON.stringify(sysctl)}, before);
  }
  let refused = null;
  try { createEio({ backend: "uring" }); } catch (error) { refused = error.message; }
  const text = await eio.promises.readFile(${JSON.stringify(file)}, "utf8");
  const { backend } = eio;
  console.log(JSON.stringify({ backend, uring: backends.uring, text, refused }));`;

/** It is the whole machine's: no test changes it by default. */
function noSysctl(): string | null {
  if (process.env["EIO_TEST_SYSCTL"] !== "1")
    return "EIO_TEST_SYSCTL=1 lets it change the machine's setting";
  try {
    fs.accessSync(sysctl, fs.constants.W_OK);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const why = noSysctl();
describe.skipIf(skip !== false || why !== null)(
  `kernel.io_uring_disabled=2${why === null ? "" : ` (skipped: ${why})`}`,
  () => {
    it("is reported, and done without", () => {
      const before = fs.readFileSync(sysctl, "latin1");
      expect(run([], {}, disabled)).toEqual({
        backend: "nowait",
        uring: {
          available: false,
          reason: expect.stringMatching(
            /^io_uring_setup: EPERM .*kernel\.io_uring_disabled/,
          ) as string,
        },
        text: "content",
        refused: expect.stringContaining("io_uring_setup: EPERM") as string,
      });
      expect(fs.readFileSync(sysctl, "latin1")).toBe(before);
    });
  },
);

describe("native code", () => {
  it("can be forbidden", () => {
    expect(run([], { NODE_EIO_NATIVE: "0" })).toEqual({
      ...works,
      backend: "pool",
      uring: {
        available: false,
        reason: expect.stringContaining("NODE_EIO_NATIVE=0") as string,
      },
      refused: expect.stringContaining("NODE_EIO_NATIVE=0") as string,
    });
  });

  it("that cannot be loaded gives a reason, not an error", () => {
    const root = folder.join("package");
    const binary = path.join(root, "native-aio/build/Release/node-eio.node");
    fs.cpSync(path.dirname(doors), path.join(root, "dist"), {
      recursive: true,
      filter: (name) => !name.endsWith(".map"),
    });
    fs.mkdirSync(path.dirname(binary), { recursive: true });
    fs.writeFileSync(binary, "no ELF");
    fs.writeFileSync(path.join(root, "package.json"), '{"type":"module"}');
    fs.symlinkSync(
      path.resolve(here, "../../node_modules"),
      path.join(root, "node_modules"),
    );
    const stdout = execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { eio } = await import(${JSON.stringify(path.join(root, "dist/index.js"))});
         console.log(JSON.stringify([eio.backend, eio.backends.uring]));`,
      ],
      {
        encoding: "utf8",
        env: { ...process.env, NODE_EIO_BACKEND: "", NODE_EIO_NATIVE: "" },
      },
    );
    expect(JSON.parse(stdout)).toEqual([
      "pool",
      {
        available: false,
        reason: expect.stringContaining("file too short") as string,
      },
    ]);
  });
});
