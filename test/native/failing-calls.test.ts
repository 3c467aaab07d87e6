// The native code where there is no memory, or no thread, at any one call for it or from any one on: nothing crashes, each request
// settles, and nothing stays open.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { testFolder } from "../helpers/files.ts";
import { isWhole, todays } from "../helpers/part.ts";
import { runNode } from "../helpers/run-node.ts";

const here = import.meta.dirname;
const root = path.resolve(here, "../..");
const folder = testFolder();
const addon = folder.join("node-eio.node");
/** Of the calls that fail alone; from any one on is for each eleventh in any case. */
const STEP = isWhole ? 1 : 3;
const [first = 0] = todays([...Array(STEP).keys()], STEP);
const calls = ["malloc", "calloc", "realloc", "mmap", "pthread_create"];
/** A process with a sanitizer takes only an addon that was made with it. */
const cannot =
  loadNative().addon === null || Boolean(process.env["LD_PRELOAD"]);

interface Printed {
  calls: number;
  fds: number;
  outcomes: Record<string, string[]>;
}

describe.skipIf(cannot)("where calls for memory and threads fail", () => {
  beforeAll(() => {
    const object = folder.join("failing-calls.o");
    const flags = ["-c", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"];
    const compiler = process.env["CC"] ?? "gcc";
    const source = path.join(here, "failing-calls.c");
    execFileSync(compiler, [...flags, source, "-o", object]);
    const wraps = calls.map((name) => `-Wl,--wrap=${name}`);
    execFileSync(
      process.execPath,
      ["scripts/build-native.mjs", "--required", `--out=${addon}`],
      {
        cwd: root,
        env: { ...process.env, EIO_LDFLAGS: [object, ...wraps].join(" ") },
      },
    );
  });

  it.each(["threads", "auto"])(
    "%s settles each request, and leaves nothing open",
    async (backend) => {
      const control = folder.file(`control-${backend}`, Buffer.alloc(12));
      const work = folder.join(`work-${backend}`);
      fs.mkdirSync(work);
      const { status, signal, stdout, stderr } = await runNode(
        [
          "--expose-gc",
          path.join(here, "failing-calls.mjs"),
          path.join(root, "dist/index.js"),
          work,
          backend,
          String(first),
          String(STEP),
        ],
        {
          env: {
            ...process.env,
            NODE_EIO_NATIVE: addon,
            EIO_FAILING_CALLS: control,
          },
        },
      );
      expect({ status, signal, stderr }).toEqual({
        status: 0,
        signal: null,
        stderr: "",
      });
      const printed = JSON.parse(stdout) as Printed;
      expect(printed.calls).toBeGreaterThan(30);
      expect(printed.fds).toBe(0);
      const { left, ...others } = printed.outcomes;
      expect(left).toEqual(["0"]);
      // A worker of the pool that cannot load the native code ends.
      const known = ["ENOMEM", "ERR_EIO_WORKER_LOST", "done"];
      for (const [name, seen] of Object.entries(others))
        expect([name, seen.filter((one) => !known.includes(one))]).toEqual([
          name,
          [],
        ]);
    },
  );
});
