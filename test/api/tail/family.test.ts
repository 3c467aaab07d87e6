// The files of a log while they are rotated: rotations at any calls of a listing leave none out.
import fs from "node:fs";
import { expect, it } from "vitest";
import { Family } from "../../../src/api/tail/family.ts";
import type { EioPromises } from "../../../src/api/types.ts";
import { testFolder } from "../../helpers/files.ts";
import { todays } from "../../helpers/part.ts";

const folder = testFolder();

/** node:fs, and before its calls of these numbers the log is rotated. Counts the calls. */
function rotatingAt(turns: number[], rotate: () => void) {
  let calls = 0;
  const counted =
    <A extends unknown[], R>(method: (...args: A) => R) =>
    (...args: A): R => {
      if (turns.includes(calls++)) rotate();
      return method(...args);
    };
  const { readdir, stat } = fs.promises;
  const promises = { readdir: counted(readdir), stat: counted(stat) };
  return {
    promises: promises as unknown as EioPromises,
    count: () => calls,
  };
}

const rotations = {
  dates(file: string, kept: number) {
    fs.renameSync(file, `${file}-${20260101 + kept}`);
  },
  numbers(file: string, kept: number) {
    for (let n = kept; n > 0; n--)
      fs.renameSync(`${file}.${n}`, `${file}.${n + 1}`);
    fs.renameSync(file, `${file}.1`);
  },
};

/** The numbers of the files that were there before the listing or came during it, and of those that it has. */
async function listWhileRotated(
  how: keyof typeof rotations,
  turns: number[],
): Promise<{ made: number[]; listed: number[]; calls: number }> {
  const home = fs.mkdtempSync(folder.join("home-"));
  const file = `${home}/app.log`;
  const made: number[] = [];
  const create = (): void => {
    fs.writeFileSync(file, `file ${made.length}\n`);
    made.push(fs.statSync(file).ino);
  };
  create();
  const { promises, count } = rotatingAt(turns, () => {
    rotations[how](file, made.length - 1);
    create();
  });
  const family = new Family(promises, file, undefined, {});
  const members = await family.list();
  const listed = members.map(({ ino }) => Number(ino));
  return { made, listed, calls: count() };
}

it.each(Object.keys(rotations) as (keyof typeof rotations)[])(
  "has all files, and the one at the path last, whenever they are rotated by %s",
  async (how) => {
    const { calls } = await listWhileRotated(how, []);
    const pairs = Array.from({ length: calls }, (_, first) =>
      Array.from({ length: 2 * calls - first - 1 }, (_, i) => [
        first,
        first + 1 + i,
      ]),
    ).flat();
    let rotated = 0;
    for (const turns of todays(pairs, 4)) {
      const { made, listed } = await listWhileRotated(how, turns);
      if (made.length > 2) rotated++;
      expect({ turns, listed }).toEqual({ turns, listed: made });
    }
    expect(rotated).toBeGreaterThan(calls);
  },
);
