// What a bundle of test/tools/app.mjs has to print: beside the installed package, where worker and addon are found there, and
// alone, where it works on the calling thread and says what it lacks. It knows no bundler.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const available = { available: true };

/** Whether the package, installed and not bundled, has native code here. */
function hasAddon(project) {
  const cwd = project.place({ installed: true });
  const program = `console.log(require("node-eio").eio.backends.threads.available)`;
  return project.node(["-e", program], { cwd }).trim() === "true";
}

/**
 * What the application prints, run in a folder.
 * @param {string[]} args of Node, or of `command`
 */
export function printed(project, cwd, args, { command, env } = {}) {
  const data = path.join(cwd, "data");
  fs.mkdirSync(data, { recursive: true });
  fs.writeFileSync(path.join(data, "file"), "content");
  const text = project.run(
    command ?? process.execPath,
    [...args, path.join(data, "file"), data],
    { cwd, env },
  );
  return JSON.parse(text);
}

/** As where nothing is bundled. */
export function assertWhole(project, seen) {
  assert.deepEqual(seen, {
    ...{ text: "content", names: ["file"], custom: "b", executor: "/a" },
    ...{ pool: available, node: available },
    threads: hasAddon(project) ? available : seen.threads,
  });
}

/** The calling thread does all of it, and what needs threads is refused with the reason. */
export function assertAlone(seen) {
  const { text, names, custom, executor, pool, threads, node } = seen;
  assert.deepEqual([text, names, node], ["content", ["file"], available]);
  assert.equal(custom, "b");
  assert.match(executor, /piscina/);
  assert.equal(pool.reason, "the package piscina is not found");
  assert.match(threads.reason, /^no native code: ./);
}

/**
 * Both ways: a bundle alone in a folder, and with the package installed in it.
 * @param {string} file of the application
 * @param {(folder: string, file: string) => object} run what it prints there
 */
export function assertBundle(
  project,
  file,
  run = (folder, name) => printed(project, folder, [name]),
) {
  for (const installed of [false, true]) {
    const folder = project.place({ installed });
    const name = path.basename(file);
    fs.copyFileSync(path.join(project.app, file), path.join(folder, name));
    const seen = run(folder, name);
    if (installed) assertWhole(project, seen);
    else assertAlone(seen);
  }
}
