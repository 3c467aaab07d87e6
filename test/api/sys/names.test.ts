// Names: renames with flags, nodes, paths that may not lead everywhere, and folders of many names.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { plainEnv } from "../../helpers/sanitizers.ts";
import { places, rejects, statOf, witness } from "./witness.ts";

const eio = createEio({ maxParallel: 2 });
const { sys } = eio;
const { constants } = sys;
const here = places();
afterAll(() => eio.close());

const isRoot = process.getuid?.() === 0;

describe.skipIf(loadNative().addon === null).each(here)("on $type", (place) => {
  const text = (name: string): string =>
    fs.readFileSync(place.join(name), "utf8");

  it("does not rename over an existing name", async () => {
    const [path, dest] = [place.file("one", "1"), place.file("two", "2")];
    const flags = constants.RENAME_NOREPLACE;
    await rejects(sys.renameat2(path, dest, flags), {
      message: `EEXIST: file already exists, renameat2 '${path}' -> '${dest}'`,
      path,
      dest,
    });
    await sys.renameat2(path, place.join("three"), flags);
    expect([fs.existsSync(path), text("two"), text("three")]).toEqual([
      false,
      "2",
      "1",
    ]);
  });

  it("exchanges two names, from open folders", async () => {
    fs.mkdirSync(place.join("a"));
    fs.mkdirSync(place.join("b"));
    place.file("a/x", "in a");
    place.file("b/y", "in b");
    const at = await sys.openat(null, place.join("a"));
    const newAt = await sys.openat(null, place.join("b"));
    const flags = constants.RENAME_EXCHANGE;
    await sys.renameat2("x", "y", flags, { at, newAt });
    expect([text("a/x"), text("b/y")]).toEqual(["in b", "in a"]);
    await sys.renameat2("x", "z", 0, { at });
    expect(text("a/z")).toBe("in b");
    await rejects(sys.renameat2("z", "y", 3, { at, newAt }), {
      code: "EINVAL",
    });
    await at.close();
    await newAt.close();
  });

  it.skipIf(!isRoot)("leaves a whiteout behind", async () => {
    const path = place.file("white", "1");
    const flags = constants.RENAME_WHITEOUT;
    await sys.renameat2(path, place.join("moved"), flags);
    expect(statOf(path, "%F %t %T")).toBe("character special file 0 0");
  });

  it("makes fifos, sockets and files", async () => {
    const kinds = [
      [constants.S_IFIFO, "fifo"],
      [constants.S_IFSOCK, "socket"],
      [constants.S_IFREG, "regular empty file"],
    ] as const;
    const at = await sys.openat(null, place.folder);
    for (const [mode, kind] of kinds) {
      await sys.mknod(kind, mode | 0o600, { at });
      expect(statOf(place.join(kind), "%F %a")).toBe(`${kind} 600`);
    }
    await at.close();
    const path = place.join("fifo");
    await rejects(sys.mknod(path, constants.S_IFIFO), {
      message: `EEXIST: file already exists, mknod '${path}'`,
      path,
    });
  });

  it.skipIf(!isRoot)("makes devices", async () => {
    const path = place.join("device");
    const mode = constants.S_IFCHR | 0o600;
    await sys.mknod(path, mode, { major: 260, minor: 70_000 });
    expect(statOf(path, "%F %t %T")).toBe(
      `character special file ${(260).toString(16)} ${(70_000).toString(16)}`,
    );
    const stats = await sys.statx(path);
    expect([stats.rdevMajor, stats.rdevMinor]).toEqual([260, 70_000]);
  });

  it("limits where a path may lead", async () => {
    fs.mkdirSync(place.join("jail"));
    place.file("jail/file", "inside");
    place.file("outside", "outside");
    fs.symlinkSync("file", place.join("jail/link"));
    fs.symlinkSync("/file", place.join("jail/absolute"));
    const jail = await sys.openat(null, place.join("jail"));
    const read = async (path: string, resolve: number): Promise<string> => {
      const file = await sys.openat2(jail, path, { resolve });
      const content = await file.readFile("utf8");
      await file.close();
      return content;
    };
    const { RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_IN_ROOT } = constants;
    const { RESOLVE_NO_MAGICLINKS, RESOLVE_CACHED } = constants;
    expect(await read("../outside", 0)).toBe("outside");
    expect(await read("link", RESOLVE_BENEATH)).toBe("inside");
    expect(await read("absolute", RESOLVE_IN_ROOT)).toBe("inside");
    expect(await read("file", RESOLVE_CACHED)).toBe("inside");
    await rejects(read("../outside", RESOLVE_BENEATH), {
      message: "EXDEV: cross-device link not permitted, openat2 '../outside'",
      path: "../outside",
    });
    await rejects(read("absolute", RESOLVE_BENEATH), { code: "EXDEV" });
    await rejects(read("link", RESOLVE_NO_SYMLINKS), { code: "ELOOP" });
    await rejects(read("/proc/self/exe", RESOLVE_NO_MAGICLINKS), {
      code: "ELOOP",
    });
    await rejects(read("file", 0x8000), { code: "EINVAL" });
    const made = await sys.openat2(jail, "made", { flags: "wx", mode: 0o640 });
    await made.close();
    expect(statOf(place.join("jail/made"), "%a")).toBe("640");
    await jail.close();
  });

  it("lists more names than come at once, in the order of inodes", async () => {
    const folder = place.join("many");
    fs.mkdirSync(folder);
    const long = "n".repeat(100);
    for (let i = 0; i < 4500; i++)
      fs.writeFileSync(`${folder}/${long}${i}`, "");
    const entries = await sys.getdents(folder, { order: "inode" });
    const inodes = entries.map(({ ino }) => ino);
    expect(inodes).toEqual([...inodes].sort((a, b) => a - b));
    const listed = entries.map(({ name, ino }) => [name, ino] as const);
    listed.sort(([a], [b]) => (a < b ? -1 : 1));
    expect(listed).toEqual(witness("scandir", folder));
    expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(["file"]));
  });

  it("keeps names that are not text", async () => {
    const folder = place.join("bytes");
    fs.mkdirSync(folder);
    const name = Buffer.from([0x66, 0xff, 0xfe]);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), "");
    const [entry] = await sys.getdents(folder, { encoding: "buffer" });
    expect(entry!.name.equals(name)).toBe(true);
    const at = await sys.openat(null, folder);
    expect((await sys.statx(name, { at })).size).toBe(0);
    await at.close();
  });
});

it("fails as the kernel does when a socket is opened", async () => {
  const path = here[0]!.join("sock");
  const bind =
    "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
  execFileSync("python3", ["-c", bind, path], { env: plainEnv });
  await rejects(sys.openat(null, path), { code: "ENXIO", path });
});
