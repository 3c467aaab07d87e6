// The same small jobs on the running Node's own modules and on ours, each in a folder of its own:
// results and errors must be equal, whichever release of Node this is.
import assert from "node:assert/strict";
import nodeFs from "node:fs";
import nodePromises from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** What can differ between two runs: inodes, times, and the folder's name. */
function plain(value, folder) {
  return JSON.parse(
    JSON.stringify(value, (_key, part) =>
      typeof part === "bigint" ? `${part}n` : part,
    )?.replaceAll(folder, "FOLDER") ?? "null",
  );
}

const describeStats = (stats) => ({
  class: stats.constructor.name,
  fields: Object.keys(stats),
  size: stats.size,
  mode: stats.mode,
  file: stats.isFile(),
  date: stats.mtime instanceof Date,
});
const describeEntry = (entry) => ({
  class: entry.constructor.name,
  name: entry.name,
  folder: entry.isDirectory(),
  parent: entry.parentPath ?? entry.path,
});
const byName = (a, b) => (a.name < b.name ? -1 : 1);

async function collect(iterable) {
  const all = [];
  for await (const item of iterable) all.push(item);
  return all;
}

/** Jobs of promises; `at` makes a path in the job's folder, in which there is a file and a folder. */
const jobs = {
  stat: async (fs, at) => describeStats(await fs.stat(at("file"))),
  "stat, bigint": async (fs, at) =>
    describeStats(await fs.stat(at("file"), { bigint: true })),
  lstat: async (fs, at) => describeStats(await fs.lstat(at("file"))),
  // All but what others change meanwhile.
  statfs: async (fs, at) => {
    const { bfree, bavail, ffree, ...rest } = await fs.statfs(at("file"));
    return [rest, Object.keys({ bfree, bavail, ffree })];
  },
  readFile: async (fs, at) => (await fs.readFile(at("file"))).toString("hex"),
  "readFile, text": (fs, at) => fs.readFile(at("file"), "utf8"),
  writeFile: async (fs, at) => {
    await fs.writeFile(at("new"), "text", { mode: 0o640 });
    await fs.appendFile(at("new"), Buffer.from(" and more"));
    return fs.readFile(at("new"), "utf8");
  },
  "writeFile, from a stream": async (fs, at) => {
    await fs.writeFile(at("new"), ["a", "b", "c"]);
    return fs.readFile(at("new"), "latin1");
  },
  readdir: async (fs, at) => (await fs.readdir(at("."))).sort(),
  "readdir, with types": async (fs, at) =>
    (await fs.readdir(at("."), { withFileTypes: true }))
      .sort(byName)
      .map(describeEntry),
  "readdir, recursive": async (fs, at) =>
    (await fs.readdir(at("."), { recursive: true })).sort(),
  opendir: async (fs, at) =>
    (await collect(await fs.opendir(at(".")))).sort(byName).map(describeEntry),
  handle: async (fs, at) => {
    const handle = await fs.open(at("new"), "w+", 0o600);
    try {
      const written = await handle.write("0123456789");
      const buffer = Buffer.alloc(4);
      const { bytesRead } = await handle.read(buffer, 0, 4, 2);
      await handle.truncate(3);
      await handle.sync();
      const { size } = await handle.stat();
      return { written, bytesRead, read: buffer.toString(), size };
    } finally {
      await handle.close();
    }
  },
  "handle, lines": async (fs, at) => {
    await fs.writeFile(at("new"), "one\ntwo\nthree");
    const handle = await fs.open(at("new"));
    return collect(handle.readLines());
  },
  "cp and rm": async (fs, at) => {
    await fs.cp(at("folder"), at("copy"), { recursive: true });
    const copied = await fs.readdir(at("copy"));
    await fs.rm(at("copy"), { recursive: true });
    return { copied, left: (await fs.readdir(at("."))).sort() };
  },
  mkdir: async (fs, at) => fs.mkdir(at("a/b/c"), { recursive: true }),
  mkdtemp: async (fs, at) => (await fs.mkdtemp(at("x-"))).length,
  links: async (fs, at) => {
    await fs.symlink("file", at("link"));
    return [await fs.readlink(at("link")), await fs.realpath(at("link"))];
  },
  "stat of nothing": (fs, at) => fs.stat(at("nothing")),
  "open of nothing": (fs, at) => fs.open(at("nothing")),
  // From Node 26 on this error alone names the path as well.
  "readFile of a folder": (fs, at) =>
    fs.readFile(at("folder")).catch(({ code, syscall }) => [code, syscall]),
  "readdir of a file": (fs, at) => fs.readdir(at("file")),
  "rename of nothing": (fs, at) => fs.rename(at("nothing"), at("there")),
  "mkdir of what is there": (fs, at) => fs.mkdir(at("folder")),
  "rmdir of what is full": (fs, at) => fs.rmdir(at("folder")),
  "rm of a folder": (fs, at) => fs.rm(at("folder")),
  "cp of a folder": (fs, at) => fs.cp(at("folder"), at("copy")),
  "a wrong path": (fs) => fs.stat(7),
  "a wrong option": (fs, at) => fs.readFile(at("file"), "utf9"),
  "a path with NUL": (fs) => fs.readFile("a\0b"),
  "an aborted signal": (fs, at) =>
    fs.readFile(at("file"), { signal: AbortSignal.abort() }),
};

/** Jobs of the functions that call back, and of streams. */
const call = (method, ...args) =>
  new Promise((resolve, reject) =>
    method(...args, (error, ...values) =>
      error ? reject(error) : resolve(values),
    ),
  );
const callbackJobs = {
  readFile: (fs, at) => call(fs.readFile, at("file"), "utf8"),
  "open, write, read, close": async (fs, at) => {
    const [fd] = await call(fs.open, at("new"), "w+");
    const [written] = await call(fs.write, fd, "0123456789", 0);
    const buffer = Buffer.alloc(4);
    const [bytesRead] = await call(fs.read, fd, buffer, 0, 4, 3);
    await call(fs.close, fd);
    return { written, bytesRead, read: buffer.toString() };
  },
  access: (fs, at) => call(fs.access, at("nothing")),
  "a closed descriptor": (fs) => call(fs.fstat, 987654),
  streams: async (fs, at) => {
    const output = fs.createWriteStream(at("new"));
    for (let i = 0; i < 1000; i++) output.write(`line ${i}\n`);
    await new Promise((resolve) => output.end(resolve));
    const input = fs.createReadStream(at("new"), { start: 5, end: 4000 });
    const chunks = await collect(input);
    return {
      bytesWritten: output.bytesWritten,
      bytesRead: input.bytesRead,
      text: Buffer.concat(chunks).toString(),
      path: input.path,
    };
  },
};

async function outcomeOf(job, fs) {
  const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), "node-eio-smoke-"));
  nodeFs.writeFileSync(path.join(folder, "file"), "some text\n");
  nodeFs.mkdirSync(path.join(folder, "folder"));
  nodeFs.writeFileSync(path.join(folder, "folder", "inside"), "");
  const at = (name) => (name === "." ? folder : path.join(folder, name));
  let outcome;
  try {
    outcome = { value: await job(fs, at) };
  } catch (error) {
    const { name, message, cause } = error;
    outcome = { error: { name, message, cause: cause?.name, ...error } };
  }
  nodeFs.rmSync(folder, { recursive: true });
  return plain(outcome, folder);
}

/** Throws on the first difference; returns how many jobs were compared. */
export async function assertSameAsNode(promises, fs) {
  const rows = [
    ...Object.entries(jobs).map((row) => [...row, nodePromises, promises]),
    ...Object.entries(callbackJobs).map((row) => [...row, nodeFs, fs]),
  ];
  for (const [name, job, theirs, ours] of rows) {
    const expected = await outcomeOf(job, theirs);
    assert.deepEqual(await outcomeOf(job, ours), expected, name);
  }
  return rows.length;
}
