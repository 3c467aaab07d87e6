// What `npm run test:distributed` judges with, on folders of this machine: the comparison with node:fs, and that what was started goes away. The
// file systems themselves take root, and minutes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import fsPromises from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { Seeded } from "../../src/util/seeded.ts";
import { until } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import { CleanUp } from "./clean-up.mjs";
import { differential } from "./differential.mjs";

const folder = testFolder();
const eio = createEio();
afterAll(() => eio.close());
const within = fs.mkdtempSync(folder.join("differential-"));
const randomOf = (seed: number) => {
  const source = new Seeded(seed);
  return () => source.next();
};

describe("random operations", () => {
  it("have the same outcome by node:fs and by node-eio", async () => {
    const promises = eio.promises as typeof fsPromises;
    const given = { promises, within, count: 120, randomOf, seed: 5 };
    const { operations, failed, different } = await differential(given);
    expect(different).toEqual([]);
    expect(operations).toBe(120);
    expect(failed).toBeGreaterThan(20);
    expect(failed).toBeLessThan(100);
  });

  it("show a value, an error and a tree that differ", async () => {
    const wrong = {
      ...fsPromises,
      readlink: () => Promise.resolve("elsewhere"),
      unlink: () => Promise.resolve(),
    } as unknown as typeof fsPromises;
    const given = { promises: wrong, within, count: 300, randomOf };
    const { different } = await differential(given);
    const names = new Set(different.map(({ name }) => name));
    for (const name of ["readlink", "unlink", "the trees"])
      expect(names).toContain(name);
  });
});

describe("what was started", () => {
  it("goes in the opposite order, whatever one step does", () => {
    const gone: string[] = [];
    const cleanUp = new CleanUp();
    cleanUp.add("first", () => gone.push("first"));
    cleanUp.add("broken", () => {
      throw new Error("it is held");
    });
    cleanUp.add("last", () => gone.push("last"));
    const { exitCode } = process;
    try {
      expect(cleanUp.run()).toEqual(["broken: it is held"]);
      expect(process.exitCode).toBe(1);
    } finally {
      process.exitCode = exitCode;
    }
    expect(gone).toEqual(["last", "first"]);
    cleanUp.run();
    expect(gone).toHaveLength(2);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "goes at %s, the inner part first, and the status says which signal it was",
    async (signal) => {
      const left = folder.file(`left-${signal}`, "");
      const module = path.join(import.meta.dirname, "clean-up.mjs");
      const program = `
        import fs from "node:fs";
        import { CleanUp } from ${JSON.stringify(pathToFileURL(module).href)};
        const outer = new CleanUp();
        outer.add("a file", () => fs.rmSync(${JSON.stringify(left)}));
        const inner = new CleanUp(outer);
        inner.add("within", () => console.log(fs.existsSync(${JSON.stringify(left)})));
        setInterval(() => {}, 1000);
        console.log("ready");`;
      const args = ["--input-type=module", "--eval", program];
      const child = spawn(process.execPath, args, {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const closed = once(child, "close");
      let printed = "";
      child.stdout.on("data", (text) => (printed += text));
      await until(() => printed === "ready\n");
      child.kill(signal);
      const [code] = (await closed) as [number];
      expect(printed).toBe("ready\ntrue\n");
      expect(code).toBeGreaterThan(128);
      expect(fs.existsSync(left)).toBe(false);
    },
  );
});
