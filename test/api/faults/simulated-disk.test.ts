// A simulated disk is a disk while the power is on: the same calls give what node:fs gives. After a crash there is what was
// synced, and of the rest what the rules of the profile allow.
import nodeFs from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import {
  simulatedDisk,
  type DiskOptions,
  type SimulatedDisk,
} from "../../../src/api/faults/simulated-disk.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();

function simulated(options?: DiskOptions): { eio: Eio; disk: SimulatedDisk } {
  const disk = simulatedDisk(options);
  const eio = createEio({ backend: disk });
  onTestFinished(() => eio.close());
  return { eio, disk };
}

/** What the calls of a program give: values, and errors by their messages, with the folder taken out. */
async function transcript(fs: typeof nodeFs, at: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  const note = async (work: Promise<unknown>): Promise<void> => {
    const shown = await work.catch((error: Error) => error.message);
    seen.push(JSON.stringify(shown ?? null).replaceAll(at, ""));
  };
  await note(fs.mkdir(`${at}/a/b`, { recursive: true }));
  await note(fs.writeFile(`${at}/a/one`, "one"));
  await note(fs.appendFile(`${at}/a/one`, " and more"));
  await note(fs.readFile(`${at}/a/one`, "utf8"));
  await note(fs.readFile(`${at}/none`));
  await note(fs.readdir(`${at}/a/one`));
  await note(fs.rename(`${at}/a/one`, `${at}/a/b/two`));
  await note(fs.rename(`${at}/a`, `${at}/a/b/c`));
  await note(fs.link(`${at}/a/b/two`, `${at}/three`));
  await note(fs.link(`${at}/a/b/two`, `${at}/three`));
  await note(fs.symlink("b/two", `${at}/a/link`));
  await note(fs.readFile(`${at}/a/link`, "utf8"));
  await note(fs.readlink(`${at}/a/link`));
  await note(fs.realpath(`${at}/a/link`));
  await note(fs.rmdir(`${at}/a/b`));
  await note(fs.unlink(`${at}/a/b`));
  await note(fs.open(`${at}/three`, "wx"));
  const handle = await fs.open(`${at}/three`, "r+");
  await note(handle.write("XY", 1).then(({ bytesWritten }) => bytesWritten));
  await note(handle.truncate(5));
  await note(handle.truncate(8));
  await note(handle.read(Buffer.alloc(20), 0, 20, 0));
  await note(handle.stat().then(({ size, nlink }) => [size, nlink]));
  await handle.close();
  await note(fs.copyFile(`${at}/three`, `${at}/a/four`));
  await note(fs.cp(`${at}/a`, `${at}/copy`, { recursive: true }));
  await note(
    fs.readdir(`${at}/copy`, { recursive: true }).then((names) => names.sort()),
  );
  await note(fs.chmod(`${at}/three`, 0o600));
  await note(fs.stat(`${at}/three`).then(({ mode }) => mode));
  await note(fs.rm(`${at}/copy`, { recursive: true }));
  await note(fs.access(`${at}/copy`));
  await note(fs.mkdir(`${at}/a`));
  return seen;
}

describe("while the power is on", () => {
  it("calls give what node:fs gives, errors included", async () => {
    const { eio } = simulated();
    await eio.promises.mkdir("/root");
    const ours = await transcript(
      eio.promises as unknown as typeof nodeFs,
      "/root",
    );
    expect(ours).toEqual(await transcript(nodeFs, folder.path));
    expect(eio.backend).toBe("simulated");
  });

  it("what does not fit fails with ENOSPC, after what does", async () => {
    const { eio } = simulated({ capacityBytes: 100 });
    const handle = await eio.promises.open("/tmp/a", "w");
    expect((await handle.write(Buffer.alloc(60))).bytesWritten).toBe(60);
    expect((await handle.write(Buffer.alloc(60))).bytesWritten).toBe(40);
    await expect(handle.write("x")).rejects.toMatchObject({ code: "ENOSPC" });
    await handle.close();
    await eio.promises.unlink("/tmp/a");
    await eio.promises.writeFile("/tmp/b", Buffer.alloc(100));
  });

  it("a plan of faults stands in front of it, too", async () => {
    const disk = simulatedDisk();
    const faults = plan({ rules: [{ op: "stat", then: { error: "EIO" } }] });
    const eio = createEio({ backend: disk, faults });
    onTestFinished(() => eio.close());
    await expect(eio.promises.stat("/tmp")).rejects.toThrow(/EIO/);
    expect(await eio.promises.readdir("/")).toEqual(["tmp"]);
  });

  it("refuses wrong options by name", () => {
    const refused = (options: unknown) => () =>
      simulatedDisk(options as DiskOptions);
    expect(refused({ profile: "fat" })).toThrow(/posix, ext4, xfs, btrfs/);
    expect(refused({ capacityBytes: -1 })).toThrow(/capacityBytes/);
    expect(() => simulatedDisk().crash({ seed: 1, at: 9 })).toThrow(/"at"/);
  });
});

describe("after a crash", () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);

  it("the same seed leaves the same, and the disk itself goes on", async () => {
    const { eio, disk } = simulated();
    for (let i = 0; i < 8; i++)
      await eio.promises.writeFile(`/tmp/${i}`, Buffer.alloc(3000, i));
    const left = seeds.map((seed) => disk.crash({ seed }));
    const shown = (one: SimulatedDisk): string =>
      one.fs
        .readdirSync("/tmp")
        .map((name) => {
          const content = one.fs.readFileSync(`/tmp/${String(name)}`);
          return `${String(name)} ${content.toString("base64")}`;
        })
        .join();
    seeds.forEach((seed) =>
      expect(shown(disk.crash({ seed }))).toBe(shown(left[seed]!)),
    );
    expect(new Set(left.map(shown)).size).toBeGreaterThan(100);
    expect(disk.fs.readdirSync("/tmp")).toHaveLength(8);
  });

  it("a file that was synced in a folder that was synced is there, whatever came later", async () => {
    const { eio, disk } = simulated();
    const handle = await eio.promises.open("/tmp/kept", "w");
    await handle.write("kept");
    await handle.sync();
    const above = await eio.promises.open("/tmp");
    await above.sync();
    await eio.promises.writeFile("/tmp/other", "other");
    for (const seed of seeds)
      expect(disk.crash({ seed }).fs.readFileSync("/tmp/kept", "utf8")).toBe(
        "kept",
      );
    await Promise.all([handle.close(), above.close()]);
  });

  it("without a sync of its folder a new file may be gone, by the rules of posix and not of ext4", async () => {
    const namesOn = async (profile: "posix" | "ext4"): Promise<Set<number>> => {
      const { eio, disk } = simulated({ profile });
      const handle = await eio.promises.open("/tmp/new", "w");
      await handle.sync();
      await handle.close();
      return new Set(
        seeds.map((seed) => disk.crash({ seed }).fs.readdirSync("/tmp").length),
      );
    };
    expect(await namesOn("posix")).toEqual(new Set([0, 1]));
    expect(await namesOn("ext4")).toEqual(new Set([1]));
  });

  it("what is written over old data may be torn between sectors, on btrfs between pages alone", async () => {
    const edges = async (profile: "ext4" | "btrfs"): Promise<Set<number>> => {
      const { eio, disk } = simulated({ profile });
      const handle = await eio.promises.open("/tmp/file", "w+");
      await handle.write(Buffer.alloc(16384, "a"), 0, 16384, 0);
      await handle.sync();
      await handle.write(Buffer.alloc(16384, "b"), 0, 16384, 0);
      const found = new Set<number>();
      for (const seed of seeds) {
        const bytes = disk.crash({ seed }).fs.readFileSync("/tmp/file");
        for (let at = 1; at < bytes.length; at++)
          if (bytes[at] !== bytes[at - 1]) found.add(at);
      }
      await handle.close();
      return found;
    };
    const [ext4, btrfs] = [await edges("ext4"), await edges("btrfs")];
    expect([...ext4].every((at) => at % 512 === 0)).toBe(true);
    expect([...ext4].some((at) => at % 4096 !== 0)).toBe(true);
    expect(btrfs.size).toBeGreaterThan(0);
    expect([...btrfs].every((at) => at % 4096 === 0)).toBe(true);
  });

  it("what makes a file longer may be garbage by the rules of posix, and is right or missing on ext4", async () => {
    const tailsOn = async (profile: "posix" | "ext4"): Promise<boolean> => {
      const { eio, disk } = simulated({ profile });
      const handle = await eio.promises.open("/tmp/log", "a");
      await handle.sync();
      await (await eio.promises.open("/tmp")).sync();
      for (let i = 0; i < 4; i++) await handle.write(Buffer.alloc(3000, "a"));
      const right = seeds.every((seed) =>
        disk
          .crash({ seed })
          .fs.readFileSync("/tmp/log")
          .every((byte) => byte === 97),
      );
      await handle.close();
      return right;
    };
    expect(await tailsOn("ext4")).toBe(true);
    expect(await tailsOn("posix")).toBe(false);
  });
});
