// What a differential test needs: two equal folders, one call made in each by the two sides, and
// outcomes in a form that can be compared (the folder's name taken out of every text).
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { afterEach, expect } from "vitest";

export interface Sides {
  /** Node's folder and ours. */
  node: string;
  ours: string;
}

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

export function makeFolder(build: (folder: string) => void = () => {}): string {
  const folder = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), "eio-test-")),
  );
  made.push(folder);
  build(folder);
  return folder;
}

export const makeSides = (build?: (folder: string) => void): Sides => ({
  node: makeFolder(build),
  ours: makeFolder(build),
});

type Call = (...args: never[]) => unknown;

/** Value or error, without what differs by nature: the folder, inode numbers, times. */
export type Outcome = { value: unknown } | { error: Record<string, unknown> };

export async function outcomeOf(
  run: () => unknown,
  folder: string,
): Promise<Outcome> {
  try {
    return { value: normal(await run(), folder) };
  } catch (error) {
    return { error: errorFields(error as NodeJS.ErrnoException, folder) };
  }
}

export function errorFields(
  error: NodeJS.ErrnoException & { dest?: string },
  folder: string,
): Record<string, unknown> {
  const { name, message, code, errno, syscall, path: at, dest } = error;
  const fields = { name, message, code, errno, syscall, path: at, dest };
  return {
    ...(normal(fields, folder) as object),
    own: Object.keys(error),
    isError: error instanceof Error,
    kinds: [TypeError, RangeError].map((kind) => error instanceof kind),
  };
}

const DIFFERS = /^(ino|dev|[amc]time(Ms|Ns)?|birthtime(Ms|Ns)?)$/;
/** Of the whole file system, which others write to at the same time. */
const MOVES = /^(bfree|bavail|ffree)$/;

function normal(value: unknown, folder: string): unknown {
  if (typeof value === "string") return value.replaceAll(folder, "<folder>");
  if (Buffer.isBuffer(value))
    return { buffer: value.toString("latin1").replaceAll(folder, "<folder>") };
  if (Array.isArray(value)) return value.map((item) => normal(item, folder));
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return value;
  const fields = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      DIFFERS.test(key) || MOVES.test(key) ? typeof item : normal(item, folder),
    ]),
  );
  const { constructor } = value as { constructor?: { name: string } };
  return { class: constructor?.name, ...fields };
}

/** Makes the same call on both sides and expects the same outcome. */
export async function expectSame(
  sides: Sides,
  node: (folder: string) => unknown,
  ours: (folder: string) => unknown,
  what = "",
): Promise<Outcome> {
  const theirs = await outcomeOf(() => node(sides.node), sides.node);
  const own = await outcomeOf(() => ours(sides.ours), sides.ours);
  expect(own, what).toEqual(theirs);
  return own;
}

/** A callback function as one that returns a promise of all values it was given. */
export const viaCallback =
  (fn: Call, self: unknown = undefined) =>
  (...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null, ...values: unknown[]): void =>
        error ? reject(error) : resolve(values);
      (fn as (...all: unknown[]) => void).apply(self, [...args, done]);
    });

export const show = (value: unknown): string =>
  inspect(value, { depth: 2, breakLength: Infinity });

/** A line per path of a tree: kind, mode, content or target. */
export function treeOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { encoding: "buffer", recursive: false })
    .flatMap((name) => {
      const at = Buffer.concat([Buffer.from(`${folder}/`), name]);
      const shown = name.toString("latin1");
      const stats = fs.lstatSync(at);
      if (stats.isDirectory())
        return [
          `${shown} ${stats.mode.toString(8)}`,
          ...treeOf(at.toString()).map((line) => `${shown}/${line}`),
        ];
      const content = stats.isFile()
        ? fs.readFileSync(at, "latin1")
        : stats.isSymbolicLink()
          ? fs.readlinkSync(at).replaceAll(folder, "<folder>")
          : "";
      return [
        `${shown} ${stats.mode.toString(8)} ${stats.nlink} ${content.length > 999 ? content.length : content}`,
      ];
    })
    .sort();
}
