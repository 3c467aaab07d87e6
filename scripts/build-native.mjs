// Compiles the C core into native-aio/build/Release/node-eio.node. Where that fails it prints
// why and ends with status 0, or 1 with --required: the library runs without.
import "./generate.mjs";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const required = process.argv.includes("--required");
const given = process.argv.find((argument) => argument.startsWith("--out="));
const out = path.resolve(
  root,
  given?.slice("--out=".length) ?? "native-aio/build/Release/node-eio.node",
);

function without(reason) {
  console.log(`native code: not built (${reason}); the pool runs without it`);
  process.exit(required ? 1 : 0);
}

if (process.platform !== "linux") without("it is for Linux");
let include;
try {
  include = createRequire(import.meta.url)("node-api-headers").include_dir;
} catch {
  without("node-api-headers is not installed");
}

const sources = path.join(root, "native-aio/src");
const files = fs
  .readdirSync(sources)
  .filter((name) => name.endsWith(".c"))
  .map((name) => path.join(sources, name));
const flags = [
  ...["-std=c17", "-D_GNU_SOURCE", "-DNAPI_VERSION=8", "-g1"],
  ...["-include", path.join(sources, "old-glibc.h")],
  ...["-Wall", "-Wextra", "-Werror", "-fPIC"],
  // Nothing unwinds through it, and debuggers have .debug_frame: these tables are a sixth of a binary that travels.
  ...["-fno-asynchronous-unwind-tables", "-fno-unwind-tables"],
  // A fused multiply-add would give milliseconds that differ from Node's.
  ...["-fvisibility=hidden", "-ffp-contract=off"],
  ...wordsOf(process.env.EIO_CFLAGS),
];
/**
 * A binary that travels is a tenth smaller without what makes other code faster than it needs to be, which waits for the kernel; that is
 * for what runs for each request, and for what goes through bytes.
 */
const FOR_SIZE = "-O1";
const FOR_SPEED = "-O2";
const ofEachRequest = [
  ...["crew.c", "sys.c", "nowait.c", "nowait-reads.c", "reads-together.c"],
  ...["crew-files.c", "small-files.c", "files.c", "stats.c"],
];
const throughBytes = ["copy-by-hand.c", "crc32c.c", "sha256.c", "text.c"];
const fast = [...ofEachRequest, ...throughBytes];
const optimizationOf = (file) =>
  fast.includes(path.basename(file)) ? FOR_SPEED : FOR_SIZE;
const linkFlags = [
  "-shared",
  // V8 frees lent memory, and hung threads return, after the last environment that loaded this is gone.
  "-Wl,-z,nodelete",
  ...wordsOf(process.env.EIO_LDFLAGS),
];
// The first is what the binary that travels is made with: the objects are the same.
const compilers = process.env.CC ? [process.env.CC] : ["gcc", "cc", "clang"];
fs.mkdirSync(path.dirname(out), { recursive: true });
// A name of its own first: another process may have the old file mapped.
const fresh = `${out}.${process.pid}`;
for (const compiler of compilers) {
  const { status, error, stderr } = await compile(compiler);
  if (error?.code === "ENOENT") continue;
  if (status === 0) {
    fs.renameSync(fresh, out);
    console.log(`native code: built with ${compiler}`);
    process.exit(0);
  }
  fs.rmSync(fresh, { force: true });
  // All of it where the binary is required, else one line.
  const first = /^.*\berror\b.*$/m.exec(stderr ?? "")?.[0] ?? `${error}`;
  if (required) console.error(stderr);
  without(`${compiler} failed: ${first}`);
}
without(`no compiler: ${compilers.join(", ")}`);

/** Objects are kept by compiler and flags, wherever the checkout lies: what did not change is not compiled again. */
async function compile(compiler) {
  const how = [compiler, FOR_SIZE, FOR_SPEED, ...fast, ...flags]
    .join("\n")
    .replaceAll(root, "");
  const hash = createHash("sha1").update(how).digest("hex").slice(0, 8);
  const objects = path.join(root, `native-aio/build/objects-${hash}`);
  const objectOf = (file) =>
    path.join(objects, `${path.basename(file, ".c")}.o`);
  const header = Math.max(
    ...fs
      .readdirSync(sources)
      .filter((name) => name.endsWith(".h"))
      .map((name) => changedMs(path.join(sources, name))),
  );
  const old = files.filter(
    (file) => !(changedMs(objectOf(file)) > Math.max(header, changedMs(file))),
  );
  // Others may build the same at this moment.
  const work = `${objects}.${process.pid}`;
  fs.mkdirSync(objects, { recursive: true });
  fs.mkdirSync(work);
  try {
    const began = new Date();
    // A part for each processor.
    const count = os.availableParallelism();
    const parts = [FOR_SIZE, FOR_SPEED].flatMap((optimization) => {
      const alike = old.filter((file) => optimizationOf(file) === optimization);
      return Array.from({ length: count }, (_, part) => ({
        optimization,
        part: alike.filter((_file, i) => i % count === part),
      }));
    });
    const compiled = await Promise.all(
      parts
        .filter(({ part }) => part.length > 0)
        .map(({ optimization, part }) =>
          run(
            compiler,
            ["-c", optimization, ...flags, "-I", include, ...part],
            work,
          ),
        ),
    );
    const failed = compiled.find(({ status }) => status !== 0);
    if (failed !== undefined) return failed;
    for (const file of old) {
      const object = path.join(work, path.basename(objectOf(file)));
      fs.utimesSync(object, began, began);
      fs.renameSync(object, objectOf(file));
    }
    const linked = [...flags, ...linkFlags, ...files.map(objectOf)];
    return await run(compiler, [...linked, "-o", fresh], work);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  return new Promise((resolve) =>
    execFile(command, args, { cwd }, (error, _stdout, stderr) =>
      resolve({ status: error === null ? 0 : 1, error, stderr }),
    ),
  );
}

function wordsOf(text = "") {
  return text.split(" ").filter(Boolean);
}

/** NaN: there is none. */
function changedMs(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? NaN;
}
