// What is left beside files after a writer has ended in the middle, and who removes it.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { thisWriter } from "../../../src/api/atomic/writers.ts";
import { createEio } from "../../../src/api/create.ts";
import { temporaryName, type Writer } from "../../../src/ops/atomic.ts";
import { Child, door, stopped } from "./children.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "eio-leftovers-"));
const eio = createEio({ backend: "pool" });
let folder: string;
let rounds = 0;

beforeEach(() => {
  folder = path.join(root, String(rounds++));
  fs.mkdirSync(folder);
});
afterAll(async () => {
  await eio.close();
  fs.rmSync(root, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const beside = (): string[] =>
  fs.readdirSync(folder).filter((name) => name.startsWith(".eio-"));

describe("a writer that ends in the middle", () => {
  const ends = {
    "calls process.exit()": "process.exit(0);",
    "throws an uncaught exception":
      "setImmediate(() => { throw new Error('uncaught'); });",
  };

  it.each(Object.entries(ends))("leaves nothing when it %s", async (_, end) => {
    fs.writeFileSync(at("file"), "before");
    await using child = new Child(
      `async function* pieces() {
        yield "half";
        say("half");
        await heard();
        ${end}
        await new Promise(() => {});
      }
      await eio.writeFileAtomic("file", pieces());`,
      folder,
    );
    expect(await child.said()).toBe("half");
    expect(beside()).toHaveLength(1);
    child.send("end");
    await child.ended();
    expect(fs.readdirSync(folder)).toEqual(["file"]);
    expect(fs.readFileSync(at("file"), "utf8")).toBe("before");
  });

  it("is cleaned up by the next writer in the folder when it was killed", async () => {
    const child = new Child(stopped("file"), folder);
    expect(await child.said()).toBe("half");
    await child.kill();
    expect(beside()).toHaveLength(1);
    await eio.writeFileAtomic(at("other"), "x");
    expect(fs.readdirSync(folder)).toEqual(["other"]);
  });

  it("is not cleaned up while it lives", async () => {
    await using child = new Child(stopped("file"), folder);
    expect(await child.said()).toBe("half");
    await eio.writeFileAtomic(at("other"), "x");
    expect(beside()).toHaveLength(1);
    child.send("on");
    expect(await child.said()).toBe("written");
    expect(fs.readdirSync(folder).sort()).toEqual(["file", "other"]);
  });

  it("is cleaned up when it was a terminated thread of a living process", async () => {
    await using child = new Child(
      `const thread = \`
        setInterval(() => {}, 1000);
        import(${JSON.stringify(door)}).then(async ({ eio }) => {
          await eio.writeFileAtomic("file", (async function* () {
            yield "half";
            require("node:worker_threads").parentPort.postMessage("half");
            await new Promise(() => {});
          })());
        });\`;
      const worker = new Worker(thread, { eval: true, execArgv: [] });
      await new Promise((resolve) => worker.once("message", resolve));
      await eio.writeFileAtomic("before", "x");
      say(fs.readdirSync(".").length);
      await worker.terminate();
      await createEio({ backend: "pool" }).writeFileAtomic("after", "x");
      say(fs.readdirSync(".").sort().join());
      process.exit();`,
      folder,
    );
    expect(await child.said()).toBe("2");
    expect(await child.said()).toBe("after,before");
  });
});

describe("the first atomic write in a folder", () => {
  const dead = spawnSync(process.execPath, ["--eval", ""]).pid;
  const own = thisWriter();
  const name = (change: Partial<Writer>): string =>
    temporaryName({ ...own, ...change }, "0123456789abcdef");
  const foreign = { host: "deadbeef1" };
  const DAYS_2 = 2 * 24 * 3600;

  it("removes what no process owns any more, and nothing else", async () => {
    const gone = [
      name({ pid: String(dead), tid: String(dead), start: "1" }),
      // Its numbers were given to others since.
      name({ start: "1" }),
      // A thread that has ended, of this process.
      name({ tid: String(dead), start: "1" }),
      name({ ...foreign, start: "1" }),
    ];
    const stay = [
      name({}),
      name({ ...foreign, start: "2" }),
      ".eio-0123456789abcdef.tmp",
      `${name({ start: "1" })}.bak`,
      "file",
    ];
    for (const file of [...gone, ...stay]) fs.writeFileSync(at(file), "");
    const past = Date.now() / 1000 - DAYS_2;
    fs.utimesSync(at(gone[3]!), past, past);
    await eio.writeFileAtomic(at("new"), "x");
    expect(fs.readdirSync(folder).sort()).toEqual([...stay, "new"].sort());
  });

  it("looks once: what comes later is another process's to remove", async () => {
    await eio.writeFileAtomic(at("new"), "x");
    const late = name({ start: "1" });
    fs.writeFileSync(at(late), "");
    await eio.writeFileAtomic(at("new"), "y");
    expect(beside()).toEqual([late]);
    const another = createEio({ backend: "pool" });
    await another.writeFileAtomic(at("new"), "z");
    await another.close();
    expect(beside()).toEqual([]);
  });

  it("looks in the folder of a working directory", async () => {
    fs.writeFileSync(at(name({ start: "1" })), "");
    await using wd = await eio.wd(folder);
    await eio.writeFileAtomic("new", "x", { wd });
    expect(fs.readdirSync(folder)).toEqual(["new"]);
  });
});
