// writeFileAtomic as its caller sees it: what the file is afterwards, what is refused, and that
// nothing is left beside.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "eio-atomic-"));
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
const text = (name: string): string => fs.readFileSync(at(name), "utf8");
const modeOf = (name: string): number => fs.statSync(at(name)).mode & 0o777;

describe.each([{ durable: true }, { durable: false }])("with %o", (how) => {
  it("makes a file, with the mode that writeFile would give it", async () => {
    await eio.writeFileAtomic(at("new"), "content", how);
    fs.writeFileSync(at("other"), "");
    expect(text("new")).toBe("content");
    expect(modeOf("new")).toBe(modeOf("other"));
  });

  it("replaces a file, and keeps its mode and its owner", async () => {
    fs.writeFileSync(at("a"), "before, and longer");
    fs.chmodSync(at("a"), 0o640);
    const root = process.getuid?.() === 0;
    if (root) fs.chownSync(at("a"), 1, 2);
    const { ino } = fs.statSync(at("a"));
    await eio.writeFileAtomic(at("a"), "after", how);
    const stats = fs.statSync(at("a"));
    expect(text("a")).toBe("after");
    expect(modeOf("a")).toBe(0o640);
    expect(stats.ino).not.toBe(ino);
    if (root) expect([stats.uid, stats.gid]).toEqual([1, 2]);
  });

  it("starts in a working directory", async () => {
    fs.mkdirSync(at("in"));
    fs.writeFileSync(at("out"), "before");
    fs.symlinkSync("../out", at("in/link"));
    await using wd = await eio.wd(folder);
    await using inner = await eio.wd("in", { wd });
    const large = Buffer.alloc(3 << 20, "x").toString();
    for (const content of ["small", large, ["in ", "pieces"]]) {
      const whole = typeof content === "string" ? content : content.join("");
      await eio.writeFileAtomic("new", content, { ...how, wd: inner });
      await eio.writeFileAtomic("in/old", content, { ...how, wd });
      await eio.writeFileAtomic("link", content, { ...how, wd: inner });
      for (const name of ["in/new", "in/old", "out"])
        expect(text(name) === whole).toBe(true);
      await expect(
        eio.writeFileAtomic("no/file", content, { ...how, wd: inner }),
      ).rejects.toMatchObject({ code: "ENOENT" });
      fs.rmSync(at("in/new"));
    }
    expect(fs.readdirSync(at("in")).sort()).toEqual(["link", "old"]);
    expect(fs.readdirSync(folder).sort()).toEqual(["in", "out"]);
  });

  it("gives the file the requested mode, whatever the umask", async () => {
    await eio.writeFileAtomic(at("a"), "x", { ...how, mode: 0o666 });
    expect(modeOf("a")).toBe(0o666);
    await eio.writeFileAtomic(at("a"), "x", { ...how, mode: "600" });
    expect(modeOf("a")).toBe(0o600);
  });

  it("leaves a link in place and replaces its target, elsewhere", async () => {
    fs.mkdirSync(at("elsewhere"));
    fs.writeFileSync(at("elsewhere/file"), "before");
    fs.symlinkSync("elsewhere/file", at("link"));
    await eio.writeFileAtomic(at("link"), "after", how);
    expect(fs.readlinkSync(at("link"))).toBe("elsewhere/file");
    expect(text("elsewhere/file")).toBe("after");
  });

  it("creates the target of a dangling link, as writeFile does", async () => {
    fs.mkdirSync(at("elsewhere"));
    fs.mkdirSync(at("links"));
    fs.symlinkSync("../second", at("links/first"));
    fs.symlinkSync(at("elsewhere/../elsewhere/file"), at("second"));
    fs.symlinkSync("links/first", at("third"));
    const large = Buffer.alloc(2_000_000, "x").toString();
    for (const content of ["small", large]) {
      await eio.writeFileAtomic(at("third"), content, how);
      expect(text("elsewhere/file") === content).toBe(true);
      expect(fs.readlinkSync(at("third"))).toBe("links/first");
      expect(fs.readlinkSync(at("second"))).toContain("elsewhere/file");
      expect(fs.readdirSync(at("elsewhere"))).toEqual(["file"]);
      fs.rmSync(at("elsewhere/file"));
    }
    fs.symlinkSync("nowhere/file", at("astray"));
    for (const content of ["small", large])
      await expect(
        eio.writeFileAtomic(at("astray"), content, how),
      ).rejects.toMatchObject({ code: "ENOENT", path: at("astray") });
  });

  it("writes bytes, encoded text, nothing, pieces and megabytes", async () => {
    const large = Buffer.alloc(3_000_001, "large");
    async function* pieces() {
      yield "one ";
      yield Buffer.from("two");
    }
    await Promise.all([
      eio.writeFileAtomic(at("bytes"), new Uint16Array([0x4142]), how),
      eio.writeFileAtomic(at("hex"), "6869", { ...how, encoding: "hex" }),
      eio.writeFileAtomic(at("empty"), "", how),
      eio.writeFileAtomic(at("pieces"), pieces(), how),
      eio.writeFileAtomic(at("large"), large, how),
    ]);
    expect(text("bytes")).toBe("BA");
    expect(text("hex")).toBe("hi");
    expect(text("empty")).toBe("");
    expect(text("pieces")).toBe("one two");
    expect(fs.readFileSync(at("large")).equals(large)).toBe(true);
  });

  it("leaves whole contents only, with many writers of one file", async () => {
    const contents = Array.from({ length: 40 }, (_, i) =>
      String(i).padEnd(5000 + i, "-"),
    );
    await Promise.all(
      contents.map((content) => eio.writeFileAtomic(at("a"), content, how)),
    );
    expect(contents).toContain(text("a"));
    expect(fs.readdirSync(folder)).toEqual(["a"]);
  });
});

describe("what a call is given", () => {
  it.each([
    ["small", "small"],
    ["large", Buffer.alloc(2_000_000)],
    ["in pieces", ["in ", "pieces"]],
  ])("holds for all of its requests: %s", async (_about, data) => {
    const own = createEio({ backend: "pool", lanes: { slow: {} } });
    const events: { op: string; lane: string; priority: number }[] = [];
    const note = (event: unknown): void =>
      void events.push(event as (typeof events)[0]);
    subscribe("node-eio:request:submitted", note);
    await own.writeFileAtomic(at("a"), data, { lane: "slow", priority: 2 });
    unsubscribe("node-eio:request:submitted", note);
    await own.close();
    expect(events.length).toBeGreaterThan(1);
    for (const { op, lane, priority } of events)
      expect([op, lane, priority]).toEqual([op, "slow", 2]);
  });
});

describe("a failed write", () => {
  it.each(["", Buffer.alloc(0)])(
    "of the empty path %o makes no file anywhere",
    async (empty) => {
      for (const data of ["small", Buffer.alloc(2_000_000), ["in ", "pieces"]])
        await expect(eio.writeFileAtomic(empty, data)).rejects.toMatchObject({
          ...{ code: "ENOENT", syscall: "open", path: "" },
          message: "ENOENT: no such file or directory, open ''",
        });
    },
  );

  it.each([
    ["a missing folder", "no/file", "ENOENT", "open"],
    ["a folder in the way", "folder", "EISDIR", "rename"],
    ["a file as a folder", "file/below", "ENOTDIR", "open"],
    ["a loop of links", "loop", "ELOOP", "open"],
  ])("names the caller's path: %s", async (_about, name, code, syscall) => {
    fs.mkdirSync(at("folder"));
    fs.writeFileSync(at("file"), "");
    fs.symlinkSync("loop", at("loop"));
    const before = fs.readdirSync(folder);
    for (const data of ["small", Buffer.alloc(2_000_000), ["in ", "pieces"]]) {
      const failed = eio.writeFileAtomic(at(name), data);
      await expect(failed).rejects.toMatchObject({
        code,
        syscall,
        path: at(name),
        message: expect.stringMatching(
          new RegExp(`^${code}: .*, ${syscall} '${at(name)}'$`),
        ) as string,
      });
      expect(await failed.catch((error: Error) => error)).not.toHaveProperty(
        "dest",
      );
    }
    expect(fs.readdirSync(folder)).toEqual(before);
  });

  it("keeps the old content when the data fails on its way", async () => {
    fs.writeFileSync(at("a"), "before");
    function* pieces() {
      yield "half";
      throw new Error("no more");
    }
    const failed = eio.writeFileAtomic(at("a"), pieces());
    await expect(failed).rejects.toThrow("no more");
    expect(text("a")).toBe("before");
    expect(fs.readdirSync(folder)).toEqual(["a"]);
  });

  it("rejects on a signal, and leaves no temporary file", async () => {
    fs.writeFileSync(at("a"), "before");
    const controllers = Array.from({ length: 30 }, () => new AbortController());
    const writes = controllers.map(({ signal }, i) =>
      eio.writeFileAtomic(at("a"), `after ${i}`, { signal }),
    );
    controllers.forEach((controller) => controller.abort());
    for (const { status } of await Promise.allSettled(writes))
      expect(status).toBe("rejected");
    // Whatever went on without an audience is done when this one is.
    while (eio.nreqs !== 0 || fs.readdirSync(folder).length > 1)
      await eio.nop();
    expect(text("a")).toMatch(/^(before|after \d+)$/);
  });

  it("keeps the error of another file that the data fails with", async () => {
    function* pieces() {
      yield "half";
      yield fs.readFileSync(at("missing"));
    }
    const failed = eio.writeFileAtomic(at("a"), pieces());
    await expect(failed).rejects.toMatchObject({
      code: "ENOENT",
      path: at("missing"),
    });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it("leaves no temporary file after a signal or a deadline in the middle", async () => {
    fs.writeFileSync(at("a"), "before");
    const controller = new AbortController();
    async function* pieces(end: () => void) {
      yield "half";
      expect(fs.readdirSync(folder)).toHaveLength(2);
      end();
      yield "other half";
    }
    const aborted = eio.writeFileAtomic(
      at("a"),
      pieces(() => controller.abort()),
      { signal: controller.signal },
    );
    await expect(aborted).rejects.toMatchObject({ code: "ABORT_ERR" });
    const until = performance.now() + 500;
    const late = eio.writeFileAtomic(
      at("a"),
      pieces(() => {
        while (performance.now() < until);
      }),
      { timeout: 400 },
    );
    await expect(late).rejects.toMatchObject({ code: "ETIMEDOUT" });
    // The write that was given up may still be at work; the file goes after it.
    while (fs.readdirSync(folder).length > 1) await eio.nop();
    expect(text("a")).toBe("before");
  });

  it.each([
    [5, "x", {}, "ERR_INVALID_ARG_TYPE"],
    ["a\0b", "x", {}, "ERR_INVALID_ARG_VALUE"],
    ["a", 5, {}, "ERR_INVALID_ARG_TYPE"],
    ["a", null, {}, "ERR_INVALID_ARG_TYPE"],
    ["a", "x", { mode: "rwx" }, "ERR_INVALID_ARG_VALUE"],
    ["a", "x", { encoding: "none" }, "ERR_INVALID_ARG_VALUE"],
    ["a", "x", { durable: "yes" }, "ERR_INVALID_ARG_TYPE"],
    ["a", "x", { priority: 9 }, "ERR_OUT_OF_RANGE"],
  ])("is a wrong argument: %j %j %j", async (file, data, options, code) => {
    const call = eio.writeFileAtomic as (...args: unknown[]) => Promise<void>;
    const path = file === "a" ? at("a") : file;
    await expect(call.call(eio, path, data, options)).rejects.toMatchObject({
      code,
    });
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
