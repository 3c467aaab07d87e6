// Lets each call for memory or a thread that the native code makes fail once, or all from one on, and does with an instance all that
// makes such calls. Prints what came of the requests. argv: the module of createEio, a folder, a backend, the first call that
// fails alone, and how many there are from one to the next.
import fs from "node:fs";
import path from "node:path";

const [module, folder, backend, first, step] = process.argv.slice(2);
const { createEio } = await import(module);
const control = fs.openSync(process.env.EIO_FAILING_CALLS, "r+");
const FAILED = 2;
const ALL = 1e9;

function arm(left, count) {
  fs.writeSync(control, Int32Array.of(left, count, 0), 0, 12, 0);
}
function word(at) {
  const words = new Int32Array(3);
  fs.readSync(control, words, 0, 12, 0);
  return words[at];
}

/** More than a slot has room for; not ASCII. */
const text = "é a text ".repeat(20_000);
const inFolder = (name) => path.join(folder, name);
fs.writeFileSync(inFolder("text"), text);
for (const name of ["a", "b", "c"]) {
  fs.mkdirSync(inFolder(`tree/${name}`), { recursive: true });
  for (let i = 0; i < 12; i++)
    fs.writeFileSync(inFolder(`tree/${name}/${i}`), "x");
}

const requests = {
  text: async ({ promises }) =>
    (await promises.readFile(inFolder("text"), "utf8")) === text,
  bytes: async ({ promises }) =>
    (await promises.readFile(inFolder("text"))).toString() === text,
  stat: async ({ promises }) =>
    (await promises.stat(inFolder("text"))).size === Buffer.byteLength(text),
  list: async ({ promises }) =>
    (await promises.readdir(inFolder("tree"), { recursive: true })).length ===
    39,
  path: async ({ promises }) =>
    (await promises.realpath(inFolder("tree/a/1"))) === inFolder("tree/a/1"),
  write: ({ promises }) => promises.writeFile(inFolder("write"), text),
  atomic: (eio) => eio.writeFileAtomic(inFolder("atomic"), text),
  copy: ({ promises }) =>
    promises.copyFile(inFolder("text"), inFolder("copied")),
  digest: (eio) =>
    eio.copyFile(inFolder("text"), inFolder("digested"), {
      digest: "sha256",
    }),
  folders: ({ promises }) =>
    promises.mkdir(inFolder("made/x/y"), { recursive: true }),
  tree: async ({ promises }) => {
    await promises.cp(inFolder("tree"), inFolder("made/tree"), {
      recursive: true,
    });
    await promises.rm(inFolder("made/tree"), { recursive: true });
  },
  many: async (eio) => {
    for (const { reason } of await eio.statMany([inFolder("text"), folder]))
      if (reason !== undefined) throw reason;
  },
  watch: async (eio) => {
    const watcher = eio.watchTree(inFolder("tree"));
    try {
      await watcher.ready;
    } finally {
      await watcher.close();
    }
  },
};

const outcomes = {};
function note(name, outcome) {
  (outcomes[name] ??= new Set()).add(outcome);
}
const summaryOf = (error) => String(error.code ?? error.stack);

/** Each settles once: whoever waits for all of them waits for each. */
async function run() {
  let eio;
  try {
    eio = createEio({ backend, maxParallel: 4 });
  } catch (error) {
    note("createEio", summaryOf(error));
    return;
  }
  await Promise.all(
    Object.entries(requests).map(async ([name, request]) => {
      try {
        note(name, (await request(eio)) === false ? "wrong" : "done");
      } catch (error) {
        note(name, summaryOf(error));
      }
    }),
  );
  note("left", String(eio.nreqs));
  await eio.close();
  globalThis.gc();
}

const openFds = () => fs.readdirSync("/proc/self/fd").length;
/** Returns how many calls there are, and how many more descriptors are open afterwards. */
async function pass(times, first, step) {
  const before = openFds();
  for (let calls = first; ; calls += step) {
    arm(calls, times);
    await run();
    const failed = word(FAILED);
    arm(0, 0);
    if (failed === 0) return { calls, fds: openFds() - before };
  }
}

// Node's own watching keeps a descriptor, and an object of its own for a handle is made once.
fs.watch(folder).close();
// The native code is loaded once.
await run();
await pass(ALL, 0, 11);
const { calls, fds } = await pass(1, Number(first), Number(step));
const lists = Object.entries(outcomes).map(([name, all]) => [
  name,
  [...all].sort(),
]);
process.stdout.write(
  JSON.stringify({ calls, fds, outcomes: Object.fromEntries(lists) }),
);
