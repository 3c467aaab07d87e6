// What holds with native code and without: the emulations give the same bytes and the same errors.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { pattern, places, rejects, statOf, witness } from "./witness.ts";

const KINDS: Record<string, string> = {
  "regular file": "file",
  "regular empty file": "file",
  directory: "directory",
  "symbolic link": "symlink",
  fifo: "fifo",
};

export function emulatedSuite(): void {
  const eio = createEio({ maxParallel: 2 });
  const { sys } = eio;
  const { constants } = sys;
  const here = places();
  afterAll(() => eio.close());

  describe.each(here)("on $type", (place) => {
    it("statx returns what stat returns, in full", async () => {
      const file = place.file("stats", pattern(5000));
      const stats = await sys.statx(file);
      const reported = [
        stats.size,
        stats.blocks,
        stats.ino,
        stats.nlink,
        stats.uid,
        stats.gid,
        stats.mode.toString(16),
        stats.devMajor * 256 + stats.devMinor,
      ];
      const said = statOf(file, "%s %b %i %h %u %g %f %d");
      expect(reported.join(" ")).toBe(said);
      const big = await sys.statx(file, { bigint: true });
      const { atimeNs, btimeNs, ctimeNs, mtimeNs, ino } = fs.statSync(file, {
        bigint: true,
      }) as never as Record<string, bigint>;
      void btimeNs;
      expect(big).toMatchObject({ atimeNs, ctimeNs, mtimeNs, ino });
      const born = statOf(file, "%W");
      if (born !== "0")
        expect(String(big.btimeNs! / 1_000_000_000n)).toBe(born);
    });

    it("statx follows links, or not, and takes handles and folders", async () => {
      place.file("target", "four");
      fs.symlinkSync("target", place.join("link"));
      const link = place.join("link");
      const flags = constants.AT_SYMLINK_NOFOLLOW;
      expect((await sys.statx(link)).size).toBe(4);
      expect((await sys.statx(link, { flags })).size).toBe(6);
      const folder = await sys.openat(null, place.folder);
      expect((await sys.statx("target", { at: folder })).size).toBe(4);
      expect((await sys.statx("link", { at: folder, flags })).size).toBe(6);
      const file = await sys.openat(folder, "target");
      expect((await sys.statx(file)).size).toBe(4);
      expect((await sys.statx(file.fd)).size).toBe(4);
      await file.close();
      await folder.close();
    });

    it("statx fails as Node's stat does, by its own name", async () => {
      const missing = place.join("missing");
      await rejects(sys.statx(missing), {
        message: `ENOENT: no such file or directory, statx '${missing}'`,
        code: "ENOENT",
        errno: -2,
        syscall: "statx",
        path: missing,
      });
      await rejects(sys.statx(999_999), {
        message: "EBADF: bad file descriptor, statx",
      });
    });

    it.each([
      [0, 0, 200_000],
      [70_000, 5, 100_000],
      [199_990, 0, 100],
      [300_000, 0, 10],
    ])("copies a range: from %d to %d, %d bytes", async (from, to, count) => {
      const data = pattern(200_000);
      const source = fs.openSync(place.file("source", data), "r");
      const target = fs.openSync(place.join("copy"), "w+");
      const want = data.subarray(from, from + count);
      let copied = 0;
      while (copied < want.length)
        copied += await sys.copyFileRange(
          source,
          from + copied,
          target,
          to + copied,
          count - copied,
        );
      const end = await sys.copyFileRange(source, 200_000, target, 0, 10);
      expect(end).toBe(0);
      const bytes = fs.readFileSync(place.join("copy"));
      expect(bytes.subarray(to).equals(want)).toBe(true);
      fs.closeSync(source);
      fs.closeSync(target);
    });

    it("copies from and to the current positions, which move", async () => {
      const data = pattern(10_000);
      const source = fs.openSync(place.file("source", data), "r");
      const target = fs.openSync(place.join("copy"), "w+");
      expect(await sys.copyFileRange(source, null, target, null, 6000)).toBe(
        6000,
      );
      expect(await sys.sendfile(target, source, null, 9000)).toBe(4000);
      expect(fs.readFileSync(place.join("copy")).equals(data)).toBe(true);
      expect(await sys.seek(source, 0, constants.SEEK_CUR)).toBe(10_000);
      fs.closeSync(source);
      fs.closeSync(target);
    });

    it("sends a file, and leaves its position alone", async () => {
      const data = pattern(150_000);
      const source = await eio.promises.open(place.file("source", data), "r");
      const target = await eio.promises.open(place.join("sent"), "w+");
      for (let at = 100; at < data.length;)
        at += await sys.sendfile(target, source, at, data.length);
      const sent = fs.readFileSync(place.join("sent"));
      expect(sent.equals(data.subarray(100))).toBe(true);
      expect(await sys.seek(source, 0, constants.SEEK_CUR)).toBe(0);
      await source.close();
      await target.close();
    });

    it("fails to copy with the system's errors", async () => {
      const fd = fs.openSync(place.file("source", "data"), "r");
      await rejects(sys.copyFileRange(fd, 0, 999_999, 0, 4), {
        code: "EBADF",
        syscall: "copy_file_range",
      });
      await rejects(sys.sendfile(fd, fd, 0, 4), {
        code: "EBADF",
        syscall: "sendfile",
      });
      fs.closeSync(fd);
    });

    it("returns positions and moves them forward", async () => {
      const data = pattern(200_000);
      const fd = fs.openSync(place.file("seek", data), "r");
      expect(await sys.seek(fd, 150_000)).toBe(150_000);
      expect(await sys.seek(fd, 10n, constants.SEEK_CUR)).toBe(150_010);
      const read = Buffer.alloc(10);
      fs.readSync(fd, read, 0, 10, null);
      expect(read.equals(data.subarray(150_010, 150_020))).toBe(true);
      expect(await sys.seek(fd, -100, constants.SEEK_END)).toBe(199_900);
      await rejects(sys.seek(fd, -300_000, constants.SEEK_CUR), {
        message: "EINVAL: invalid argument, lseek",
      });
      fs.closeSync(fd);
    });

    it("brings pages in", async () => {
      const file = place.file("pages", pattern(1 << 20));
      const fd = fs.openSync(file, "r");
      // What is in memory only (tmpfs) stays there.
      if (place.type !== "tmpfs") {
        witness("evict", file);
        expect(witness<number[]>("resident", file)).not.toContain(1);
        await sys.pageIn(fd, 16 << 12, 16 << 12);
        const some = witness<number[]>("resident", file);
        expect(some.slice(16, 32)).not.toContain(0);
      }
      await sys.pageIn(fd);
      expect(witness<number[]>("resident", file)).not.toContain(0);
      await sys.pageIn(fd, 5 << 20, 100);
      await sys.readahead(fd, 0, 1 << 20);
      await sys.readahead(fd, 0, 0);
      fs.closeSync(fd);
      await rejects(sys.pageIn(999_999), { code: "EBADF" });
      await rejects(sys.readahead(999_999, 0, 1), {
        message: "EBADF: bad file descriptor, readahead",
      });
    });

    it("writes a range to the disk", async () => {
      const fd = fs.openSync(place.file("range", pattern(9000)), "r+");
      await sys.syncFileRange(fd, 0, 4096);
      await sys.syncFileRange(fd, 0, 0, constants.SYNC_FILE_RANGE_WRITE);
      fs.closeSync(fd);
      await rejects(sys.syncFileRange(999_999, 0, 0), {
        message: "EBADF: bad file descriptor, sync_file_range",
      });
    });

    it("renames without flags", async () => {
      place.file("old", "1");
      await sys.renameat2(place.join("old"), place.join("new"));
      expect(fs.existsSync(place.join("old"))).toBe(false);
      expect(fs.readFileSync(place.join("new"), "utf8")).toBe("1");
      const [path, dest] = [place.join("none"), place.join("new")];
      await rejects(sys.renameat2(path, dest), {
        message: `ENOENT: no such file or directory, renameat2 '${path}' -> '${dest}'`,
        path,
        dest,
      });
    });

    it("opens in an open folder, wherever that is now", async () => {
      fs.mkdirSync(place.join("before"));
      const folder = await sys.openat(null, place.join("before"));
      fs.renameSync(place.join("before"), place.join("after"));
      const made = await sys.openat(folder, "made", "wx", 0o600);
      await made.writeFile("inside");
      await made.close();
      expect(fs.readFileSync(place.join("after/made"), "utf8")).toBe("inside");
      expect(statOf(place.join("after/made"), "%a")).toBe("600");
      const absolute = await sys.openat(folder, place.join("after/made"));
      expect(await absolute.readFile("utf8")).toBe("inside");
      await absolute.close();
      await rejects(sys.openat(folder, "made", "wx"), {
        message: "EEXIST: file already exists, openat 'made'",
        path: "made",
      });
      await folder.close();
    });

    it("lists a folder with types and inodes", async () => {
      const folder = place.join("listed");
      fs.mkdirSync(folder);
      fs.mkdirSync(`${folder}/folder`);
      fs.symlinkSync("nowhere", `${folder}/link`);
      execFileSync("mkfifo", [`${folder}/fifo`]);
      for (let i = 0; i < 300; i++) fs.writeFileSync(`${folder}/ä${i}`, "");
      const entries = await sys.getdents(folder, { order: "inode" });
      const inodes = entries.map(({ ino }) => ino);
      expect(inodes).toEqual([...inodes].sort((a, b) => a - b));
      const listed = entries.map(({ name, ino }) => [name, ino]);
      const byName = (a: unknown[], b: unknown[]): number =>
        Buffer.compare(Buffer.from(String(a[0])), Buffer.from(String(b[0])));
      expect(listed.sort(byName)).toEqual(witness("scandir", folder));
      for (const { name, type } of entries)
        if (!/\d/.test(name) || name === "ä7")
          expect(type).toBe(KINDS[statOf(`${folder}/${name}`, "%F")]);
      const handle = await sys.openat(null, folder);
      for (let again = 0; again < 2; again++) {
        const raw = await sys.getdents(handle, {
          encoding: "buffer",
          bigint: true,
        });
        expect(raw).toHaveLength(entries.length);
        expect(raw.find(({ name }) => name.equals(Buffer.from("ä7")))).toEqual({
          name: Buffer.from("ä7"),
          type: "file",
          ino: BigInt(statOf(`${folder}/ä7`, "%i")),
        });
      }
      await handle.close();
      await rejects(sys.getdents(place.join("none")), {
        code: "ENOENT",
        syscall: "openat",
        path: place.join("none"),
      });
      const file = place.file("no-folder");
      await rejects(sys.getdents(file), { code: "ENOTDIR" });
    });
  });
}
