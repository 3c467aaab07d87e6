// A tree under a storm of random changes, in this process and in another: what is reported makes, applied to a model that is strict, the
// very tree that there is in the end. EIO_CHANGES says how many, for a longer run (npm run test:watch).
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import type { TreeWatcher } from "../../../src/api/watch-tree/watch-tree.ts";
import { turn } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";
import { methods } from "./methods.ts";
import { TreeModel, linesOf } from "./model.ts";
import { Storm } from "./storm.mjs";

const changes = Number(process.env.EIO_CHANGES ?? 1500);
const seed = Number(process.env.EIO_SEED ?? Date.now() % 1e9);
const program = path.join(import.meta.dirname, "storm.mjs");
const RENAME_EXCHANGE = 2;
const folder = testFolder();

/** Applies batches until the model is the tree and the storm is over. */
async function follow(
  watcher: TreeWatcher,
  home: string,
  model: TreeModel,
  storm: Promise<unknown>,
): Promise<void> {
  let over = false;
  void storm.then(() => (over = true));
  for await (const batch of watcher) {
    model.apply(batch);
    if (over && isSame(model.lines, linesOf(home))) return;
  }
}

const isSame = (a: string[], b: string[]): boolean =>
  a.length === b.length && a.every((line, i) => line === b[i]);

/** It may be the same before the last batch comes: something is changed again, so that one comes. */
async function finished(home: string, storm: Promise<unknown>): Promise<void> {
  await storm;
  fs.writeFileSync(path.join(home, "the-end"), "");
}

function make(
  name: string,
  eio: Eio = createEio(),
): { eio: Eio; home: string } {
  onTestFinished(() => eio.close());
  const home = folder.join(name);
  fs.mkdirSync(home);
  return { eio, home };
}

async function inHere(storm: Storm): Promise<void> {
  for (let i = 0; i < changes; i++) {
    await storm.step();
    if (i % 50 === 0) await turn();
  }
}

describe.each(methods)("watchTree by %s", (method) => {
  it(`reports what makes the tree, whatever is done in this process (seed ${seed})`, async () => {
    const { eio, home } = make(`here-${method}`);
    const exchange =
      method === "node"
        ? null
        : (a: string, b: string) => eio.sys.renameat2(a, b, RENAME_EXCHANGE);
    const storm = new Storm(home, seed, exchange as never);
    for (let i = 0; i < 300; i++) await storm.step();
    const watcher = eio.watchTree(home, { initial: true, debounce: 1, method });
    onTestFinished(() => watcher.close());
    const model = new TreeModel();
    await follow(watcher, home, model, finished(home, inHere(storm)));
    expect(model.lines).toEqual(linesOf(home));
    expect(model.counts["overflow"]).toBeUndefined();
    if (method !== "node") expect(model.counts["exchange"]).toBeGreaterThan(0);
    // Names are all that node:fs reports, so both may be looked at after the next change.
    if (method !== "node") expect(model.counts["rename"]).toBeGreaterThan(0);
  });

  it(`and in another process meanwhile (seed ${seed})`, async () => {
    const { eio, home } = make(`there-${method}`);
    const watcher = eio.watchTree(home, { initial: true, method });
    onTestFinished(() => watcher.close());
    const model = new TreeModel();
    const args = [program, home, String(changes), String(seed)];
    const storm = promisify(execFile)(process.execPath, args);
    await follow(watcher, home, model, finished(home, storm));
    expect(model.lines).toEqual(linesOf(home));
  });
});
