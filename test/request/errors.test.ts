// Our errors against those that Node throws: same text, same properties, in the order of the promises.
import fs from "node:fs";
import { getSystemErrorMap } from "node:util";
import { describe, expect, it } from "vitest";
import {
  AbortError,
  errnoOf,
  faultError,
  faultOf,
  systemError,
  type FaultDetails,
} from "../../src/request/errors.ts";
import { testFolder } from "../helpers/files.ts";

const folder = testFolder();
const file = folder.file("file");
const full = folder.join("full");
fs.mkdirSync(full);
fs.writeFileSync(`${full}/x`, "");
fs.symlinkSync("loop", folder.join("loop"));
const long = folder.join("n".repeat(256));
const missing = folder.join("missing");
const readOnly = fs.openSync(file, "r");

/** What fails, with the path and dest that our caller would have given. */
const failures: [
  about: string,
  fail: () => void,
  path?: string,
  dest?: string,
][] = [
  ["open ENOENT", () => fs.openSync(missing, "r"), missing],
  ["open ENOTDIR", () => fs.openSync(`${file}/x`, "r"), `${file}/x`],
  ["open EISDIR", () => fs.openSync(full, "w"), full],
  ["open EEXIST", () => fs.openSync(file, "wx"), file],
  [
    "open ELOOP",
    () => fs.openSync(folder.join("loop"), "r"),
    folder.join("loop"),
  ],
  ["open ENAMETOOLONG", () => fs.openSync(long, "r"), long],
  ["stat ENOENT", () => fs.statSync(missing), missing],
  ["lstat ENOENT", () => fs.lstatSync(missing), missing],
  ["statfs ENOENT", () => fs.statfsSync(missing), missing],
  ["access ENOENT", () => fs.accessSync(missing), missing],
  ["mkdir EEXIST", () => fs.mkdirSync(full), full],
  ["rmdir ENOTEMPTY", () => fs.rmdirSync(full), full],
  ["rmdir ENOTDIR", () => fs.rmdirSync(file), file],
  ["unlink ENOENT", () => fs.unlinkSync(missing), missing],
  ["readlink EINVAL", () => fs.readlinkSync(file), file],
  ["scandir ENOTDIR", () => fs.readdirSync(file), file],
  ["rename ENOENT", () => fs.renameSync(missing, file), missing, file],
  ["link EEXIST", () => fs.linkSync(file, full), file, full],
  ["symlink EEXIST", () => fs.symlinkSync(file, full), file, full],
  ["copyfile ENOENT", () => fs.copyFileSync(missing, file), missing, file],
  ["chmod ENOENT", () => fs.chmodSync(missing, 0o600), missing],
  ["utime ENOENT", () => fs.utimesSync(missing, 1, 1), missing],
  ["close EBADF", () => fs.closeSync(1 << 20)],
  ["read EBADF", () => fs.readSync(1 << 20, Buffer.alloc(1))],
  ["write EBADF", () => fs.writeSync(readOnly, Buffer.alloc(1))],
  ["fstat EBADF", () => fs.fstatSync(1 << 20)],
  ["fsync EBADF", () => fs.fsyncSync(1 << 20)],
  ["ftruncate EINVAL", () => fs.ftruncateSync(readOnly, 1)],
  ["futime EBADF", () => fs.futimesSync(1 << 20, 1, 1)],
  ["non-ASCII", () => fs.openSync("/ä€😀/'\n", "r"), "/ä€😀/'\n"],
];

function thrown(fail: () => void): NodeJS.ErrnoException {
  try {
    fail();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error("it did not fail");
}

describe("systemError", () => {
  it.each(failures)("is Node's: %s", (_about, fail, path, dest) => {
    const node = thrown(fail);
    const { errno, syscall, code } = node;
    const ours = systemError(errno!, syscall!, path, dest);
    expect(ours.message).toBe(node.message);
    expect({ ...ours }).toEqual({ ...node });
    const order = ["errno", "code", "syscall", "path", "dest"];
    expect(Object.keys(ours)).toEqual(order.filter((key) => key in node));
    expect(errnoOf(code!)).toBe(errno);
    const bytes = systemError(
      errno!,
      syscall!,
      path === undefined ? null : Buffer.from(path),
      dest === undefined ? null : Buffer.from(dest),
    );
    expect(bytes.message).toBe(node.message);
  });

  it("covers every errno that Node has", () => {
    for (const [errno, [code, text]] of getSystemErrorMap()) {
      const error = systemError(errno, "open", "x");
      expect(error.message).toBe(`${code}: ${text}, open 'x'`);
      expect(error).toMatchObject({ errno, code });
    }
  });

  it("has a text for an unknown errno", () => {
    const code = "Unknown system error -122";
    const error = systemError(-122, "mkdir", "x");
    expect(error.message).toBe(`${code}: ${code}, mkdir 'x'`);
    expect(error).toMatchObject({ errno: -122, code });
    expect(errnoOf("ENOSUCHCODE")).toBeLessThan(0);
  });
});

describe("faultError", () => {
  it("is the system error when there is no text", () => {
    const node = thrown(() => fs.rmSync(missing));
    const { errno, syscall, path } = node as Required<NodeJS.ErrnoException>;
    const ours = faultError({ errno, syscall, path } as FaultDetails);
    expect(ours.message).toBe(node.message);
  });

  it.each([
    () => fs.rmSync(full),
    () => fs.openSync("a\0b", "r"),
    () => fs.cpSync(full, file),
  ])("keeps the error of Node's own JavaScript", (fail) => {
    const node = thrown(fail) as NodeJS.ErrnoException & { info?: object };
    const { name, message, code, errno, syscall, path, info } = node;
    const fault = { name, message, code, errno, syscall, path, info };
    const ours = faultError(JSON.parse(JSON.stringify(fault)) as object);
    expect(ours.message).toBe(message);
    expect(ours.name).toBe(name);
    expect(ours).toMatchObject({ code });
    expect(ours).toBeInstanceOf(
      node.constructor === TypeError ? TypeError : Error,
    );
  });

  it("rebuilds an exception of ours", () => {
    const error = faultError(faultOf(new TypeError("no such buffer")));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("no such buffer");
  });
});

describe("AbortError", () => {
  it("is Node's", () => {
    const cause = new Error("enough");
    const error = new AbortError(cause);
    expect(error).toMatchObject({ name: "AbortError", code: "ABORT_ERR" });
    expect(error.message).toBe("The operation was aborted");
    expect(error.cause).toBe(cause);
    expect("cause" in new AbortError()).toBe(false);
  });
});
