// Compiles the C core into native-aio/build/Release/node-eio.node. Where that cannot be it says why
// and is done, with status 0 unless --required is given: the library runs without.
import { spawnSync } from "node:child_process";
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
  // V8 frees what was lent, and threads that hang come back, after the last environment that loaded this is gone.
  "-Wl,-z,nodelete",
  // A fused multiply-add would give other milliseconds than Node's.
  ...["-fvisibility=hidden", "-ffp-contract=off"],
  ...(process.env.EIO_CFLAGS ?? "").split(" ").filter(Boolean),
];
const compilers = process.env.CC ? [process.env.CC] : ["cc", "gcc", "clang"];
fs.mkdirSync(path.dirname(out), { recursive: true });
// A name of its own first: another process may have the old file mapped.
const fresh = `${out}.${process.pid}`;
for (const compiler of compilers) {
  const { status, error, stderr } = spawnSync(
    compiler,
    [...flags, "-I", include, ...files, "-o", fresh],
    { encoding: "utf8" },
  );
  if (error?.code === "ENOENT") continue;
  if (status === 0) {
    fs.renameSync(fresh, out);
    console.log(`native code: built with ${compiler}`);
    process.exit(0);
  }
  fs.rmSync(fresh, { force: true });
  // All of it for whoever wants the binary; one line for whoever can do without.
  const first = /^.*\berror\b.*$/m.exec(stderr ?? "")?.[0] ?? `${error}`;
  if (required) console.error(stderr);
  without(`${compiler} failed: ${first}`);
}
without(`no compiler: ${compilers.join(", ")}`);
