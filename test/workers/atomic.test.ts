// The steps of an atomic write in the order that makes it one, and each of them failing.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ECANCELED } from "../../src/request/request.ts";
import { spewAtomic } from "../../workers/atomic.ts";
import type { Frame } from "../../workers/frame.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-atomic-steps-"));
const target = path.join(folder, "file");
const steps: string[] = [];

const told = [
  "openSync",
  "writeSync",
  "fchmodSync",
  "fsyncSync",
  "closeSync",
  "renameSync",
] as const;

/** Each call is noted by its name; one may be told to fail. */
function watch(fails?: string): void {
  for (const name of told) {
    const real = fs[name] as (...args: unknown[]) => unknown;
    vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
      steps.push(name.replace("Sync", ""));
      if (name === fails)
        throw Object.assign(new Error("EIO: i/o error"), {
          errno: -5,
          code: "EIO",
          syscall: name.replace("Sync", ""),
        });
      return real.apply(fs, args);
    }) as never);
  }
}

function frame(change: Partial<Record<"a" | "b" | "c", number>> = {}): Frame {
  const bytes = Buffer.from("after");
  return {
    path: Buffer.from(target),
    bytes,
    dataOffset: 0,
    dataBytes: bytes.byteLength,
    cancelled: false,
    starts: { src: "", dest: "" },
    a: -1,
    b: 1,
    c: 1,
    send: (sent: Uint8Array) => sent.byteLength,
    ...change,
  } as unknown as Frame;
}

beforeEach(() => {
  fs.writeFileSync(target, "before");
  steps.length = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an atomic write", () => {
  it("brings the data to the disk before the name, and the name after it", () => {
    watch();
    expect(spewAtomic(frame())).toBe(0);
    expect(steps.join(" ")).toBe(
      "open write fchmod fsync close rename open fsync close",
    );
    vi.restoreAllMocks();
    expect(fs.readFileSync(target, "utf8")).toBe("after");
  });

  it("leaves the folder's sync to those who share it", () => {
    watch();
    expect(spewAtomic(frame({ c: 0 }))).toBe(folder.length + 1);
    expect(steps.join(" ")).toBe("open write fchmod fsync close rename");
  });

  it("syncs nothing where that is not wanted", () => {
    watch();
    expect(spewAtomic(frame({ b: 0 }))).toBe(0);
    expect(steps.join(" ")).toBe("open write fchmod close rename");
  });

  it("changes nothing when nobody wants it any more", () => {
    const cancelled = Object.assign(frame(), { cancelled: true });
    expect(spewAtomic(cancelled)).toBe(ECANCELED);
    expect(fs.readFileSync(target, "utf8")).toBe("before");
    expect(fs.readdirSync(folder)).toEqual(["file"]);
  });

  it.each(["openSync", "writeSync", "fchmodSync", "fsyncSync", "renameSync"])(
    "keeps the old content when %s fails, and leaves nothing beside",
    (name) => {
      watch(name);
      expect(() => spewAtomic(frame())).toThrow(
        expect.objectContaining({ code: "EIO", path: target }) as Error,
      );
      const opened = steps.filter((step) => step === "open").length;
      const closed = steps.filter((step) => step === "close").length;
      expect(closed).toBe(name === "openSync" ? 0 : opened);
      vi.restoreAllMocks();
      expect(fs.readFileSync(target, "utf8")).toBe("before");
      expect(fs.readdirSync(folder)).toEqual(["file"]);
    },
  );
});
