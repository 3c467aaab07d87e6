// For the tests of handles: one of ours, and one of Node's on an equal file.
import nodePromises, { type FileHandle as NodeHandle } from "node:fs/promises";
import fs from "node:fs";
import path from "node:path";
import {
  openHandle,
  type FileHandle,
} from "../../../src/api/handles/file-handle.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { makeFolder, outcomeOf, type Outcome } from "../differential.ts";
import { expect } from "vitest";

export interface Pair {
  node: NodeHandle;
  ours: FileHandle;
  folders: { node: string; ours: string };
}

export const CONTENT = "0123456789abcdefghij";

export async function openOurs(
  engine: Engine,
  file: string,
  flags: string | number = "r+",
): Promise<FileHandle> {
  return await openHandle(fs.openSync(file, flags), () => engine);
}

export async function openPair(
  engine: Engine,
  content: string | Uint8Array = CONTENT,
  flags = "r+",
): Promise<Pair> {
  const folders = { node: makeFolder(), ours: makeFolder() };
  const at = (folder: string): string => path.join(folder, "file");
  for (const folder of Object.values(folders))
    fs.writeFileSync(at(folder), content);
  return {
    folders,
    node: await nodePromises.open(at(folders.node), flags),
    ours: await openOurs(engine, at(folders.ours), flags),
  };
}

export async function closePair({ node, ours }: Pair): Promise<void> {
  await node.close();
  await ours.close();
}

export const contents = ({ folders }: Pair): [string, string] => [
  fs.readFileSync(path.join(folders.node, "file"), "latin1"),
  fs.readFileSync(path.join(folders.ours, "file"), "latin1"),
];

type Loose = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** The same call on both; arguments are made twice, because calls fill them. */
export async function expectSameCall(
  pair: Pair,
  method: string,
  makeArguments: () => unknown[],
  what = "",
): Promise<Outcome> {
  const { node, ours, folders } = pair;
  const call = async (handle: unknown, folder: string): Promise<Outcome> =>
    outcomeOf(() => (handle as Loose)[method]!(...makeArguments()), folder);
  const theirs = await call(node, folders.node);
  const own = await call(ours, folders.ours);
  expect(own, `${method} ${what}`).toEqual(theirs);
  return own;
}
