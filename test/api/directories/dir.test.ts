// opendir and what it gives, against node:fs's Dir: entries, errors, order of callbacks, closing.
import fs from "node:fs";
import path from "node:path";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { eio, forms, ourCall, sameAsNode } from "../both-forms.ts";
import { makeFolder } from "../differential.ts";
import { byName, plain } from "./entries.ts";

function build(folder: string): void {
  fs.mkdirSync(path.join(folder, "sub/deep"), { recursive: true });
  for (const name of ["a", "b", "sub/c", "sub/deep/d", "ünï"])
    fs.writeFileSync(path.join(folder, name), "");
  fs.symlinkSync("sub", path.join(folder, "link"));
}

const open = (folder: string, options?: object): Promise<fs.Dir> =>
  eio.promises.opendir(folder, options as fs.OpenDirOptions);

async function all(dir: fs.Dir): Promise<fs.Dirent[]> {
  const entries: fs.Dirent[] = [];
  for await (const entry of dir) entries.push(entry);
  return entries.sort(byName);
}

sameAsNode(
  "opendir",
  {
    "a folder": (_at, folder) => [folder],
    "a folder, and a slash": (_at, folder) => [`${folder}/`],
    "a Buffer": (_at, folder) => [Buffer.from(folder)],
    "as buffers": (_at, folder) => [folder, { encoding: "buffer" }],
    "as hex": (_at, folder) => [folder, "hex"],
    "an unknown encoding": (_at, folder) => [folder, "no such"],
    "a small buffer": (_at, folder) => [folder, { bufferSize: 1 }],
    recursive: (_at, folder) => [folder, { recursive: true }],
    "a file": (at) => [at("a")],
    nothing: (at) => [at("none")],
    "no path": () => [undefined],
    "a NUL": () => ["a\0b"],
  },
  build,
  async (value) => {
    const dir = (Array.isArray(value) ? value[0] : value) as fs.Dir | null;
    if (dir === null) return null;
    const read = await all(dir);
    return [dir.path, dir instanceof fs.Dir, plain(read)];
  },
);

describe("an invalid buffer size", () => {
  // Against opendirSync: Node's opendir throws these where no caller can catch them.
  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 32, "1", null, undefined])(
    "%s",
    async (bufferSize) => {
      const options = { bufferSize } as fs.OpenDirOptions;
      let refused: unknown;
      try {
        fs.opendirSync("/", options);
      } catch (error) {
        refused = error;
      }
      const { code, message } = refused as NodeJS.ErrnoException;
      await expect(open("/", options)).rejects.toMatchObject({ code, message });
      expect(() => eio.fs.opendir("/", options, () => {})).toThrow(message);
    },
  );
});

describe("a Dir", () => {
  it("calls back later, in order, and gives null at the end", async () => {
    const dir = await open(makeFolder(build), { bufferSize: 2 });
    const names: (string | undefined)[] = [];
    await new Promise<void>((resolve) => {
      let sync = true;
      for (let i = 0; i < 6; i++)
        dir.read((error, entry) => {
          expect(error).toBe(null);
          expect(sync).toBe(false);
          names.push(entry?.name);
          if (i === 5) resolve();
        });
      sync = false;
    });
    expect(names.slice(0, 5).sort()).toEqual(["a", "b", "link", "sub", "ünï"]);
    expect(names[5]).toBe(undefined);
    await dir.close();
  });

  it("reads synchronously, and closes so", async () => {
    const folder = makeFolder(build);
    const dir = await open(folder, { recursive: true });
    const names: string[] = [];
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
      names.push(path.join(entry.parentPath, entry.name));
    expect(names.sort()).toEqual(
      fs
        .readdirSync(folder, { recursive: true })
        .filter((name) => !String(name).startsWith("link/"))
        .map((name) => path.join(folder, String(name)))
        .sort(),
    );
    expect(dir.closeSync()).toBe(undefined);
    for (const call of [() => dir.readSync(), () => dir.closeSync()])
      expect(call).toThrow(
        expect.objectContaining({
          code: "ERR_DIR_CLOSED",
          message: "Directory handle was closed",
        }),
      );
    await expect(dir.read()).rejects.toMatchObject({ code: "ERR_DIR_CLOSED" });
    await expect(dir.close()).rejects.toMatchObject({ code: "ERR_DIR_CLOSED" });
    const closing = await new Promise((resolve) => dir.close(resolve));
    expect(closing).toMatchObject({ code: "ERR_DIR_CLOSED" });
  });

  it("refuses to be read synchronously while it is read", async () => {
    const dir = await open(makeFolder(build));
    const reading = dir.read();
    for (const call of [() => dir.readSync(), () => dir.closeSync()])
      expect(call).toThrow(
        expect.objectContaining({ code: "ERR_DIR_CONCURRENT_OPERATION" }),
      );
    const closing = dir.close();
    expect(await reading).not.toBe(null);
    await closing;
    await expect(dir.read()).rejects.toMatchObject({ code: "ERR_DIR_CLOSED" });
  });

  it("refuses callbacks that are not functions", async () => {
    const dir = await open(makeFolder(build));
    for (const call of [
      () => dir.read("no" as never),
      () => dir.close("no" as never),
    ])
      expect(call).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
      );
    dir.closeSync();
  });

  it("is closed when an iteration ends early", async () => {
    const dir = await open(makeFolder(build));
    for await (const entry of dir) {
      expect(entry).toBeInstanceOf(fs.Dirent);
      break;
    }
    expect(() => dir.closeSync()).toThrow();
    expect(typeof dir[Symbol.asyncIterator]).toBe("function");
  });

  it("is disposed of, once or twice", async () => {
    type Disposable = { [symbol: symbol]: () => unknown };
    for (const symbol of [Symbol.asyncDispose, Symbol.dispose]) {
      const dir = await open(makeFolder(build));
      await (dir as unknown as Disposable)[symbol]!();
      await (dir as unknown as Disposable)[symbol]!();
      await expect(dir.read()).rejects.toMatchObject({
        code: "ERR_DIR_CLOSED",
      });
    }
  });

  it("keeps the reader's async context", async () => {
    const storage = new AsyncLocalStorage<number>();
    const dir = await open(makeFolder(build));
    const seen = await storage.run(
      7,
      () =>
        new Promise((resolve) =>
          dir.read(() => dir.close(() => resolve(storage.getStore()))),
        ),
    );
    expect(seen).toBe(7);
  });

  it("lets the loop have its turn every bufferSize entries", async () => {
    const folder = makeFolder((made) => {
      for (let i = 0; i < 300; i++) fs.writeFileSync(`${made}/${i}`, "");
    });
    let turns = 0;
    let going = true;
    const count = (): void => {
      turns++;
      if (going) setImmediate(count);
    };
    setImmediate(count);
    expect(await all(await open(folder, { bufferSize: 10 }))).toHaveLength(300);
    going = false;
    expect(turns).toBeGreaterThanOrEqual(29);
  });

  it("reports a folder below that cannot be listed, and goes on", async () => {
    const folder = makeFolder((made) => {
      for (const name of ["gone", "here"]) fs.mkdirSync(`${made}/${name}`);
      fs.writeFileSync(`${made}/here/file`, "");
    });
    const dir = await open(folder, { recursive: true });
    fs.rmdirSync(`${folder}/gone`);
    const names: string[] = [];
    const failed: unknown[] = [];
    for (;;) {
      const entry = await dir.read().catch((error: unknown) => {
        failed.push(error);
        return undefined;
      });
      if (entry === null) break;
      if (entry !== undefined) names.push(entry.name);
    }
    expect(names).toEqual(["here", "file"]);
    expect(failed).toEqual([
      expect.objectContaining({
        code: "ENOENT",
        syscall: "opendir",
        path: `${folder}/gone`,
      }),
    ]);
    await dir.close();
  });

  it("gives names that are not text as they are", async () => {
    const bad = Buffer.from([0x61, 0xff, 0x62]);
    const folder = makeFolder((made) =>
      fs.writeFileSync(Buffer.concat([Buffer.from(`${made}/`), bad]), ""),
    );
    const dir = await open(folder, { encoding: "buffer" });
    expect((await dir.read())!.name).toEqual(bad);
    dir.closeSync();
    const asText = await open(folder);
    expect((await asText.read())!.name).toBe(bad.toString());
    asText.closeSync();
  });

  it.each(forms)("is not opened after an abort, %s", async (form) => {
    const signal = AbortSignal.abort();
    await expect(
      ourCall(form, "opendir")("/", { signal }),
    ).rejects.toMatchObject({ name: "AbortError" });
  });
});
