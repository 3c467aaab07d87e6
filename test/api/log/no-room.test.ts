// A log on a disk that is full, at each byte: what was acknowledged stays, and the log goes on when there is room again. On the simulated
// disk, whose room is counted in bytes (a slice by default, `npm run test:log-kills` has each), and on a tmpfs, where there may be one.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { simulatedDisk } from "../../../src/api/faults/simulated-disk.ts";
import { testFolder } from "../../helpers/files.ts";
import { isWhole, todays } from "../../helpers/part.ts";

const SMALL = { slots: 16, arenaBytes: 1 << 20, allocBytes: 0 };
const ROOM_MAX = 1400;
const given = process.env["EIO_ROOM_STEP"];
const STEP = Number(given ?? (isWhole ? 23 : 46));
const [FIRST = 0] = given === undefined ? todays([0, 23], 2) : [0];
const BALLAST = 1 << 16;
const LOG = "orders.log";
const LENGTHS = [5, 200, 37, 90];
const textOf = (number: number): string =>
  `${number}:`.padEnd(LENGTHS[number % LENGTHS.length]!, "r");

async function textsOf(
  records: AsyncIterable<{ data: Buffer }>,
): Promise<string[]> {
  const texts: string[] = [];
  for await (const { data } of records) texts.push(data.toString());
  return texts;
}

/**
 * Appends until there is no room, alone and in batches; makes room, and appends more. Returns how many were acknowledged before that;
 * -1: there was no room for a log.
 */
async function fill(
  eio: Eio,
  home: string,
  maxBytes: number,
  makeRoom: () => void,
): Promise<number> {
  const path = `${home}/${LOG}`;
  const log = await eio
    .appendLog(path, { maxBytes })
    .catch((error: unknown) => {
      expect(error).toMatchObject({ code: "ENOSPC" });
      return null;
    });
  if (log === null) return -1;
  const kept: string[] = [];
  let number = 0;
  let refused = 0;
  const append = async (): Promise<void> => {
    const text = textOf(number++);
    try {
      await log.append(text);
      kept.push(text);
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
      refused++;
    }
  };
  while (refused === 0) await append();
  await Promise.all([append(), append(), append()]);
  expect(await textsOf(log.read())).toEqual(kept);
  const before = kept.length;
  makeRoom();
  refused = 0;
  for (let i = 0; i < 8; i++) await append();
  await Promise.all([append(), append(), append()]);
  expect(refused).toBe(0);
  await log.close();
  const again = await eio.appendLog(path);
  expect(await textsOf(again.read())).toEqual(kept);
  await again.close();
  return before;
}

describe("a log on a full disk", () => {
  it.each([
    ["one segment", 1 << 20],
    ["several segments", 4096],
  ])(
    "loses nothing that it acknowledged, and goes on when there is room: %s",
    async (_name, maxBytes) => {
      const found = new Set<number>();
      for (let room = FIRST; room <= ROOM_MAX; room += STEP) {
        const used = maxBytes === 4096 ? 4000 : 0;
        const capacityBytes = BALLAST + used + room;
        const disk = simulatedDisk({ capacityBytes });
        disk.fs.writeFileSync("/tmp/ballast", Buffer.alloc(BALLAST));
        const eio = createEio({ backend: disk, ...SMALL });
        const makeRoom = (): void => disk.fs.unlinkSync("/tmp/ballast");
        found.add(await fill(eio, "/tmp", maxBytes, makeRoom));
        await eio.close();
      }
      expect(found.size).toBeGreaterThan(5);
    },
    600_000,
  );

  const folder = testFolder();
  const isRoot = process.platform === "linux" && process.getuid?.() === 0;
  it.skipIf(!isRoot)("does the same on a tmpfs", async () => {
    const home = folder.join("tmpfs");
    fs.mkdirSync(home);
    const size = "size=256k";
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", home]);
    } catch {
      return expect(fs.existsSync(home)).toBe(true);
    }
    onTestFinished(() => void execFileSync("umount", [home]));
    const eio = createEio();
    onTestFinished(() => eio.close());
    const PAGE = 4096;
    const found: number[] = [];
    for (let pages = 0; pages < 12; pages++) {
      const at = `${home}/${pages}`;
      fs.mkdirSync(at);
      // All but so many pages.
      const { bavail } = fs.statfsSync(home);
      fs.writeFileSync(`${at}/ballast`, Buffer.alloc((bavail - pages) * PAGE));
      const makeRoom = (): void => fs.unlinkSync(`${at}/ballast`);
      found.push(await fill(eio, at, 4096, makeRoom));
      fs.rmSync(at, { recursive: true });
    }
    // With more room more goes in; a tmpfs counts its pages about.
    expect(new Set(found).size).toBeGreaterThan(3);
    expect(found.at(-1)).toBeGreaterThan(found[0]!);
  });
});
