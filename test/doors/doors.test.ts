// The doors as a program finds them in the built package: every name of Node's own modules is there
// and looks the same, promisify gives Node's shapes, and import and require reach one instance.
import { execFileSync } from "node:child_process";
import nodeFs from "node:fs";
import nodePromises from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

type Module = Record<string, unknown>;
type Call = (...args: unknown[]) => Promise<unknown>;

const require = createRequire(import.meta.url);
const root = path.resolve(import.meta.dirname, "../..");
const doors = [
  { door: "node-eio/promises", node: nodePromises as unknown as Module },
  { door: "node-eio/fs", node: nodeFs as unknown as Module },
].map(({ door, node }) => ({ door, node, ours: require(door) as Module }));

const typesOf = (module: Module, names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, typeof module[name]]));

/** The types of a module's named exports, as a program that imports it finds them. */
function namedExports(door: string): Record<string, string> {
  const program = `
    import * as module from ${JSON.stringify(door)};
    const types = Object.entries(module).map(([name, value]) => [name, typeof value]);
    console.log(JSON.stringify(Object.fromEntries(types)));`;
  return JSON.parse(run(program)) as Record<string, string>;
}

function run(program: string): string {
  return execFileSync(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { cwd: root, encoding: "utf8" },
  );
}

describe.each(doors)("$door", ({ door, node, ours }) => {
  const names = Object.keys(node);

  it("has every name of Node's own, with a value of the same type", () => {
    expect(typesOf(ours, names)).toEqual(typesOf(node, names));
  });

  it("exports every one of them by name", () => {
    expect(namedExports(door)).toMatchObject(typesOf(node, names));
  });

  it("keeps what Node hides from a listing", () => {
    const hidden = Object.getOwnPropertyNames(node);
    expect(Object.getOwnPropertyNames(ours)).toEqual(
      expect.arrayContaining(hidden),
    );
  });

  it("has functions of Node's names and lengths", () => {
    const looks = (module: Module): string[] =>
      names.flatMap((name) => {
        const value = module[name];
        return typeof value === "function"
          ? [`${name}: ${value.name}/${value.length}`]
          : [];
      });
    expect(looks(ours)).toEqual(looks(node));
  });
});

describe("what a later Node has", () => {
  it.each(["glob", "mkdtempDisposable"])("promises.%s is there", (name) => {
    expect(doors[0]!.ours[name]).toBeTypeOf("function");
  });
  it("fs.glob is there", () => {
    expect(doors[1]!.ours["glob"]).toBeTypeOf("function");
  });
});

describe("what is Node's own", () => {
  it("passes through", () => {
    const [promises, fs] = doors.map(({ ours }) => ours);
    expect(promises!["watch"]).toBe(nodePromises.watch);
    for (const name of ["watch", "Stats", "Dirent", "Dir"])
      expect(fs![name], name).toBe((nodeFs as unknown as Module)[name]);
    for (const name of Object.keys(nodeFs))
      if (name.endsWith("Sync"))
        expect(fs![name], name).toBe((nodeFs as unknown as Module)[name]);
  });
});

describe("util.promisify gives Node's shapes", () => {
  const { ours } = doors[1]!;
  const folder = nodeFs.mkdtempSync(path.join(tmpdir(), "node-eio-doors-"));
  const file = path.join(folder, "file");
  let fd = -1;
  beforeAll(() => {
    nodeFs.writeFileSync(file, "0123456789");
    fd = nodeFs.openSync(file, "r+");
  });
  afterAll(() => {
    nodeFs.closeSync(fd);
    nodeFs.rmSync(folder, { recursive: true });
  });

  const bytes = (): Buffer => Buffer.from("abcd");
  const calls: Record<string, () => unknown[]> = {
    exists: () => [file],
    read: () => [fd, Buffer.alloc(4), 0, 4, 0],
    readv: () => [fd, [Buffer.alloc(2), Buffer.alloc(2)], 0],
    write: () => [fd, bytes(), 0, 4, 0],
    writev: () => [fd, [bytes(), bytes()], 0],
    readFile: () => [file, "utf8"],
    readdir: () => [folder],
    realpath: () => [folder],
    access: () => [file],
    rename: () => [file, file],
  };
  it.each(Object.keys(calls))("%s", async (name) => {
    const callWith = (module: Module): Promise<unknown> =>
      (promisify(module[name] as () => void) as Call)(...calls[name]!());
    const [theirs, mine] = [
      await callWith(nodeFs as unknown as Module),
      await callWith(ours),
    ];
    expect(mine).toEqual(theirs);
  });

  it("exists of what is not there", async () => {
    const exists = promisify(ours["exists"] as () => void) as Call;
    expect(await exists(`${file}.missing`)).toBe(false);
    expect(await exists(undefined)).toBe(false);
  });
});

describe("one instance", () => {
  it("however it is reached", () => {
    const program = `
      import assert from "node:assert/strict";
      import { createRequire } from "node:module";
      import { eio } from "node-eio";
      import fs, * as fsNames from "node-eio/fs";
      import promises, * as promisesNames from "node-eio/promises";
      const require = createRequire(${JSON.stringify(path.join(root, "noop.js"))});
      assert.equal(require("node-eio").eio, eio);
      assert.equal(require("node-eio/fs"), fs);
      assert.equal(require("node-eio/promises"), promises);
      assert.equal(fs.promises, promises);
      assert.equal(eio.fs, fs);
      assert.equal(eio.promises, promises);
      for (const [api, names] of [[fs, fsNames], [promises, promisesNames]])
        for (const [name, value] of Object.entries(names))
          if (!["default", "module.exports", "F_OK", "R_OK", "W_OK", "X_OK"].includes(name))
            assert.equal(api[name], value, name);
      console.log("one");`;
    expect(run(program).trim()).toBe("one");
  });

  it("starts no thread by being imported, but by being used", () => {
    const program = `
      import fs from "node:fs";
      let workers = 0;
      process.on("worker", () => workers++);
      const threads = () => workers + fs.readdirSync("/proc/self/task").filter((task) => {
        const name = fs.readFileSync("/proc/self/task/" + task + "/comm", "utf8");
        return name.startsWith("eio-");
      }).length;
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      const { eio } = await import("node-eio");
      await import("node-eio/fs");
      await import("node-eio/promises");
      await turn();
      const imported = threads();
      await eio.nop();
      console.log(imported, threads() > 0);`;
    expect(run(program).trim()).toBe("0 true");
  });
});
