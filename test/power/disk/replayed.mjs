// A program run on a logging disk, and every prefix of the log made into a folder again, with what a loss of power may leave out of
// it: what the program found acknowledged by then has to be in the folder. It knows the disk and its models, and no program.
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { readCalls, replayOn, store, treeOf } from "./replay.mjs";
import { SyncedOnly } from "./synced-only.mjs";

/** Where the files of the mounted disk are on the simulated one. */
const ROOT = "/tmp";

/** Instances of these are on real folders and a backend of ours, whatever disk a workload wants. */
const onFolders = ({ createEio, ...others }, backend) => ({
  ...others,
  createEio: (options) => createEio({ ...options, backend }),
});

/**
 * By the name of each profile, and of `synced only` and `everything`: how many states were checked, how many lost something, and
 * which kinds of losses there were.
 */
export async function replayed(workload, tools, options) {
  const { disk, seeds, profiles, backend = "auto" } = options;
  const given = onFolders(tools, backend);
  await disk.mount();
  const lossAt = await workload.run({ ...given, disk, folder: disk.folder });
  const calls = readCalls(disk.readLog());
  const below = treeOf(fs, disk.below);
  await disk.unmount();

  const simulated = tools.simulatedDisk();
  const prefixes = replayOn(simulated, calls, ROOT);
  const second = new SyncedOnly();
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "eio-replay-"));
  const checked = new Checked(lossAt, path.join(home, "left"));
  let done = 0;
  try {
    for (const { call, end, position } of prefixes) {
      for (; done < call; done++) second.run(calls[done]);
      await checked.check("synced only", second.left(), end);
      await checked.check("everything", second.seen(), end);
      for (const profile of profiles)
        for (let seed = 0; seed < seeds; seed++) {
          const left = simulated.crash({ seed, at: position, profile });
          await checked.check(profile, treeOf(left.fs, ROOT), end);
        }
    }
  } finally {
    fs.rmSync(home, { recursive: true });
  }
  // Log and models are what they should be: what really is below the disk says so.
  for (const model of [second.seen(), treeOf(simulated.fs, ROOT)])
    if (!isDeepStrictEqual(sorted(model), sorted(below)))
      throw new Error("the log is not what happened to the files");
  return {
    workload: workload.name,
    calls: calls.length,
    prefixes: prefixes.length,
    states: checked.states,
    different: checked.different,
    byRules: checked.byRules,
  };
}

const sorted = (tree) => new Map([...tree].sort());

class Checked {
  states = 0;
  different = 0;
  byRules = {};
  #lossAt;
  #folder;
  /** Losses of states that were seen, at the place in the log that was reached. */
  #known = new Map();
  #end = 0;

  constructor(lossAt, folder) {
    this.#lossAt = lossAt;
    this.#folder = folder;
  }

  async check(rules, tree, end) {
    if (end !== this.#end) this.#known.clear();
    this.#end = end;
    const key = fingerprint(tree);
    if (!this.#known.has(key)) {
      this.different++;
      store(tree, this.#folder);
      const left = { fs, folder: this.#folder };
      this.#known.set(key, await this.#lossAt(left, end));
    }
    const loss = this.#known.get(key);
    const found = (this.byRules[rules] ??= { states: 0, lost: 0, kinds: [] });
    this.states++;
    found.states++;
    if (loss === null) return;
    found.lost++;
    if (!found.kinds.includes(loss))
      found.kinds = [...found.kinds, loss].sort();
  }
}

function fingerprint(tree) {
  const hash = createHash("sha256");
  for (const [name, { type, data, target }] of sorted(tree)) {
    hash.update(JSON.stringify([name, type, target, data?.length]));
    if (data !== undefined) hash.update(data);
  }
  return hash.digest("base64");
}
