// A tail beside a writer in another process that rotates its log again and again: each line comes once, in order. EIO_ROTATIONS says how
// often, for a longer run (npm run test:tail).
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

/** Stats of a tail that finds no file, before it waits. */
const LOOKS = 4;

const folder = testFolder();
const writer = path.join(import.meta.dirname, "rotating-writer.mjs");
const rotations = Number(process.env.EIO_ROTATIONS ?? 30);
const seed = Number(process.env.EIO_SEED ?? Date.now() % 1e9);

/** What arrives, up to the writer's last line. */
async function numbersFrom(
  file: string,
  how: string,
): Promise<{ numbers: number[]; written: number }> {
  const eio = createEio();
  onTestFinished(() => eio.close());
  const tail = eio.tail(file, { follow: true });
  const items = tail[Symbol.asyncIterator]();
  let next = items.next();
  // What was rotated away before it began is not its business.
  await until(() => Number(eio.stats().ops.stat?.settled) >= LOOKS);
  const child = spawn(
    process.execPath,
    [writer, file, String(rotations), String(seed), how],
    { stdio: "inherit" },
  );
  const numbers: number[] = [];
  for (; ; next = items.next()) {
    const { value: line, done } = await next;
    if (done === true) break;
    const [first, second] = line.split(" ");
    if (first === "end") {
      await tail.close();
      return { numbers, written: Number(second) };
    }
    numbers.push(Number(first));
  }
  child.kill();
  throw new Error("the tail ended before the writer did");
}

it.each(["shift", "dates", "copy"])(
  `gives each line once and in order over rotations by %s (seed ${seed})`,
  async (how) => {
    const home = folder.join(how);
    fs.mkdirSync(home);
    const { numbers, written } = await numbersFrom(`${home}/app.log`, how);
    expect(written).toBeGreaterThan(rotations);
    const wrong = numbers.findIndex((number, i) => number !== i);
    expect(
      wrong < 0 ? [] : numbers.slice(Math.max(0, wrong - 3), wrong + 5),
    ).toEqual([]);
    expect(numbers.length).toBe(written);
  },
);
