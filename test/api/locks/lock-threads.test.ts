// Locks that a thread waits for, as the system wakes it: whom it wakes, and what becomes of a wait that nobody wants any more.
// /proc/locks says who waits.
import fs from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { until } from "../../helpers/engine.ts";
import { descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { runNode } from "../../helpers/run-node.ts";
import { pathToFileURL } from "node:url";
import path from "node:path";
import { holding, rejects, witness } from "../sys/witness.ts";

const built = pathToFileURL(path.resolve("dist/index.js")).href;
const F_WRLCK = 1;
/** Files that are waited for by threads, at most. */
const THREADS_MAX = 16;

const folder = testFolder();
let files = 0;
const nextPath = (): string => folder.file(`lock${files++}`, "");

function instance(): Eio {
  const eio = createEio();
  onTestFinished(() => eio.close());
  return eio;
}

async function holdingChild(...files: string[]) {
  const child = await holding(...files);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** How many the system has waiting for a lock of that file. */
function waiting(file: string): number {
  const { ino } = fs.statSync(file);
  return fs
    .readFileSync("/proc/locks", "latin1")
    .split("\n")
    .filter((line) => line.includes("->") && line.includes(`:${ino} `)).length;
}

describe.skipIf(loadNative().addon === null)(
  "a lock that is waited for",
  () => {
    it("is had as soon as the system gives it", async () => {
      const eio = instance();
      const file = nextPath();
      const child = await holdingChild(file);
      const locking = eio.lock(file);
      await until(() => waiting(file) === 1);
      expect(eio.nreqs).toBe(0);
      child.stdin!.end();
      await (await locking).release();
      expect(descriptorsBelow(file)).toEqual([]);
    });

    it("and given up is nobody's when the system gives it", async () => {
      const eio = instance();
      const file = nextPath();
      const child = await holdingChild(file);
      const abort = new AbortController();
      const locking = eio.lock(file, { signal: abort.signal });
      const late = eio.lock(file, { timeout: 30_000 });
      await until(() => waiting(file) === 1);
      abort.abort();
      await rejects(locking, { name: "AbortError" });
      // The next in the line waits, beside the thread that nobody can call back.
      await until(() => waiting(file) === 2);
      expect(descriptorsBelow(file)).toHaveLength(1);
      child.stdin!.end();
      await (await late).release();
      await until(() => witness("try_ofd", file, F_WRLCK, 0, 0) === 0);
    });

    it("is given up when its instance is closed", async () => {
      const eio = createEio();
      const file = nextPath();
      await holdingChild(file);
      const locking = eio.lock(file);
      await until(() => waiting(file) === 1);
      await Promise.all([
        eio.close(),
        rejects(locking, { code: "ERR_EIO_CLOSED" }),
      ]);
      await until(() => descriptorsBelow(file).length === 0);
    });

    it("is had, too, when more are waited for than there are threads", async () => {
      const eio = instance();
      const paths = Array.from({ length: THREADS_MAX + 4 }, nextPath);
      const child = await holdingChild(...paths);
      const locking = paths.map((file) => eio.lock(file));
      const all = (): number =>
        paths.reduce((sum, file) => sum + waiting(file), 0);
      await until(() => all() === THREADS_MAX);
      const release = async (indexes: number[]): Promise<void> => {
        for (const i of indexes) child.stdin!.write(`${i}\n`);
        for (const i of indexes) await (await locking[i]!).release();
      };
      const indexes = [...paths.keys()];
      // Those without a thread do not wait for one.
      await release(indexes.filter((i) => waiting(paths[i]!) === 0));
      await release(indexes.filter((i) => waiting(paths[i]!) !== 0));
    });

    it("keeps a process alive, and does not hold up its exit", async () => {
      const file = nextPath();
      await holdingChild(file);
      const program = `
      import fs from "node:fs";
      import { createEio } from ${JSON.stringify(built)};
      const file = ${JSON.stringify(file)};
      void createEio().lock(file).then(() => console.log("had"));
      const waits = new RegExp("->.*:" + fs.statSync(file).ino + " ");
      const look = () => {
        if (!waits.test(fs.readFileSync("/proc/locks", "latin1")))
          return void setTimeout(look, 1).unref();
        process.on("exit", () => console.log("exits"));
        process.exit();
      };
      look();`;
      const { stdout, stderr } = await runNode([
        "--input-type=module",
        "--eval",
        program,
      ]);
      expect(stderr).toBe("");
      expect(stdout).toBe("exits\n");
    });
  },
);
