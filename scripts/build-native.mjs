// Compiles the C core into native-aio/build/Release/node-eio.node. Where that fails it prints
// why and ends with status 0, or 1 with --required: the library runs without.
import "./generate.mjs";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
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
  ...["-std=c17", "-D_GNU_SOURCE", "-DNAPI_VERSION=8", "-O2", "-g1"],
  ...["-include", path.join(sources, "old-glibc.h")],
  ...["-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"],
  // V8 frees lent memory, and hung threads return, after the last environment that loaded this is gone.
  "-Wl,-z,nodelete",
  // A fused multiply-add would give milliseconds that differ from Node's.
  ...["-fvisibility=hidden", "-ffp-contract=off"],
  ...(process.env.EIO_CFLAGS ?? "").split(" ").filter(Boolean),
];
const compilers = process.env.CC ? [process.env.CC] : ["cc", "gcc", "clang"];
fs.mkdirSync(path.dirname(out), { recursive: true });
// A name of its own first: another process may have the old file mapped.
const fresh = `${out}.${process.pid}`;
for (const compiler of compilers) {
  const { status, error, stderr } = compile(compiler);
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

/** Objects are kept beside the binary, by compiler and flags: what did not change is not compiled again. */
function compile(compiler) {
  const how = createHash("sha1").update([compiler, ...flags].join("\n"));
  const objects = path.join(
    path.dirname(out),
    `objects-${how.digest("hex").slice(0, 8)}`,
  );
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
    const compiled =
      old.length === 0
        ? { status: 0 }
        : run(compiler, ["-c", ...flags, "-I", include, ...old], work);
    if (compiled.status !== 0) return compiled;
    for (const file of old) {
      const object = path.join(work, path.basename(objectOf(file)));
      fs.utimesSync(object, began, began);
      fs.renameSync(object, objectOf(file));
    }
    return run(compiler, [...flags, ...files.map(objectOf), "-o", fresh], work);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  return spawnSync(command, args, { encoding: "utf8", cwd });
}

/** NaN: there is none. */
function changedMs(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? NaN;
}
