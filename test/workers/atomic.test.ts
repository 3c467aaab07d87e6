// The steps of an atomic write in the order that makes it one, each of them failing, and what others may do
// with the temporary file after each.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEEP_MODE } from "../../src/ops/atomic.ts";
import { ECANCELED } from "../../src/request/request.ts";
import { spewAtomic } from "../../workers/atomic.ts";
import type { Frame } from "../../workers/frame.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-atomic-steps-"));
const target = path.join(folder, "file");
const beside = path.join(folder, ".eio-temporary");
const steps: string[] = [];
/** The mode of the temporary file and its length, after each step that had one. */
let seen: { mode: number; uid: number; size: number }[] = [];

const calls = [
  "openSync",
  "writeSync",
  "fchownSync",
  "fchmodSync",
  "fsyncSync",
  "closeSync",
  "renameSync",
] as const;

const look = fs.statSync;

/** Notes each call by its name; the call with the given number, from 0, of one name may fail. */
function watch(fails?: string, which = 0, code = "EIO"): void {
  let left = which;
  for (const name of calls) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    const syscall = name.replace("Sync", "");
    vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
      steps.push(syscall);
      if (name === fails && left-- === 0)
        throw Object.assign(new Error(code), { errno: -5, code, syscall });
      const result = real.apply(fs, args);
      const stats = look(beside, { throwIfNoEntry: false });
      if (stats !== undefined)
        seen.push({
          mode: stats.mode & 0o7777,
          uid: stats.uid,
          size: stats.size,
        });
      return result;
    }) as never);
  }
}

function frame(change: Partial<Record<"a" | "b" | "c", number>> = {}): Frame {
  const bytes = Buffer.from("after");
  return {
    path: Buffer.from(target),
    path2: Buffer.from(beside),
    bytes,
    dataOffset: 0,
    dataBytes: bytes.byteLength,
    cancelled: false,
    starts: { src: "", dest: "" },
    a: KEEP_MODE,
    b: 1,
    c: 1,
    send: (sent: Uint8Array) => sent.byteLength,
    ...change,
  } as unknown as Frame;
}

const descriptors = (): number => fs.readdirSync("/proc/self/fd").length;

beforeEach(() => {
  fs.rmSync(target, { force: true });
  fs.writeFileSync(target, "before");
  steps.length = 0;
  seen = [];
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an atomic write", () => {
  it("syncs the data before the rename and the folder after it", () => {
    watch();
    expect(spewAtomic(frame())).toBe(0);
    expect(steps.join(" ")).toBe(
      "open open fchmod write fsync close rename fsync close",
    );
    vi.restoreAllMocks();
    expect(fs.readFileSync(target, "utf8")).toBe("after");
  });

  it("leaves the folder's sync to those who share it, but opens the folder first", () => {
    watch();
    expect(spewAtomic(frame({ c: 0 }))).toBe(folder.length + 1);
    expect(steps.join(" ")).toBe(
      "open open fchmod write fsync close rename close",
    );
  });

  it("syncs nothing where that is not wanted", () => {
    watch();
    expect(spewAtomic(frame({ b: 0 }))).toBe(0);
    expect(steps.join(" ")).toBe("open fchmod write close rename");
  });

  it("changes nothing when nobody wants it any more", () => {
    const cancelled = Object.assign(frame(), { cancelled: true });
    expect(spewAtomic(cancelled)).toBe(ECANCELED);
    expect(fs.readFileSync(target, "utf8")).toBe("before");
    expect(fs.readdirSync(folder)).toEqual(["file"]);
  });

  it.each([
    ["openSync", 0],
    ["openSync", 1],
    ["fchmodSync", 0],
    ["writeSync", 0],
    ["fsyncSync", 0],
    ["closeSync", 0],
    ["renameSync", 0],
  ] as const)(
    "keeps the old content when %s fails (call %i), and leaves nothing behind",
    (name, which) => {
      const open = descriptors();
      watch(name, which);
      expect(() => spewAtomic(frame())).toThrow(
        expect.objectContaining({ code: "EIO", path: target }) as Error,
      );
      vi.restoreAllMocks();
      expect(fs.readFileSync(target, "utf8")).toBe("before");
      expect(fs.readdirSync(folder)).toEqual(["file"]);
      // The close that failed here closed nothing.
      expect(descriptors()).toBe(name === "closeSync" ? open + 1 : open);
    },
  );

  it("reports that the folder could not be synced, with the new content in place", () => {
    const open = descriptors();
    watch("fsyncSync", 1);
    expect(() => spewAtomic(frame())).toThrow(
      expect.objectContaining({ code: "EIO", path: target }) as Error,
    );
    vi.restoreAllMocks();
    expect(fs.readFileSync(target, "utf8")).toBe("after");
    expect(fs.readdirSync(folder)).toEqual(["file"]);
    expect(descriptors()).toBe(open);
  });
});

describe("the temporary file", () => {
  it.each([0o600, 0o640, 0o644, 0o400, 0o444, 0o200, 0])(
    "is never open to more than the file of mode %o",
    (mode) => {
      fs.chmodSync(target, mode);
      watch();
      spewAtomic(frame());
      expect(seen.length).toBeGreaterThan(3);
      for (const found of seen) expect(found.mode & ~mode).toBe(0);
      for (const found of seen.filter(({ size }) => size !== 0))
        expect(found.mode).toBe(mode);
      vi.restoreAllMocks();
      expect(fs.statSync(target).mode & 0o7777).toBe(mode);
    },
  );

  it("of a new file with a given mode is never open to more", () => {
    fs.rmSync(target);
    watch();
    spewAtomic(frame({ a: 0o640 }));
    for (const found of seen) expect(found.mode & ~0o640).toBe(0);
    vi.restoreAllMocks();
    expect(fs.statSync(target).mode & 0o7777).toBe(0o640);
  });

  it.skipIf(process.getuid!() !== 0)(
    "is its owner's alone until it is whose the old file was",
    () => {
      fs.chmodSync(target, 0o664);
      fs.chownSync(target, 1234, 1234);
      watch();
      expect(spewAtomic(frame())).toBe(0);
      const early = seen.filter(({ uid }) => uid !== 1234);
      expect(early).not.toEqual([]);
      for (const { mode } of early) expect(mode & 0o077).toBe(0);
    },
  );

  it("has the set-id bits of the file again after the write took them", () => {
    fs.chmodSync(target, 0o4755);
    watch();
    spewAtomic(frame());
    expect(steps.join(" ")).toContain("fchmod write fchmod");
    vi.restoreAllMocks();
    expect(fs.statSync(target).mode & 0o7777).toBe(0o4755);
  });

  const asRoot = it.skipIf(process.getuid?.() !== 0);

  asRoot("belongs to the file's owner before its first byte", () => {
    fs.chownSync(target, 1, 2);
    watch();
    spewAtomic(frame());
    for (const found of seen.filter(({ size }) => size !== 0))
      expect(found.uid).toBe(1);
    vi.restoreAllMocks();
    expect(fs.statSync(target)).toMatchObject({ uid: 1, gid: 2 });
  });

  asRoot("gives a group that is not the file's no more than anybody", () => {
    fs.chownSync(target, 1, 2);
    fs.chmodSync(target, 0o2664);
    vi.spyOn(fs, "fchownSync").mockImplementation(() => {
      throw Object.assign(new Error("EPERM"), { errno: -1, code: "EPERM" });
    });
    spewAtomic(frame());
    expect(fs.statSync(target).mode & 0o7777).toBe(0o644);
  });

  asRoot("keeps the group's rights where only the owner cannot be kept", () => {
    fs.chownSync(target, 1, 2);
    fs.chmodSync(target, 0o4664);
    const chown = fs.fchownSync;
    vi.spyOn(fs, "fchownSync").mockImplementation((fd, uid, gid) => {
      if (uid !== -1)
        throw Object.assign(new Error("EPERM"), { errno: -1, code: "EPERM" });
      chown(fd, uid, gid);
    });
    spewAtomic(frame());
    expect(fs.statSync(target)).toMatchObject({ uid: 0, gid: 2 });
    expect(fs.statSync(target).mode & 0o7777).toBe(0o664);
  });
});
