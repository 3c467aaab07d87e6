// Makes prebuilds/<platform>-<arch>-<libc>/node-eio.node, the binaries that travel in the tarball: stripped,
// of few and old symbols, and proven to load. A binary that cannot be made here is reported in one line; with --required (npm pack, npm
// publish) it is an error that one is missing which the package promises. npm also runs it before `npm run build`, so what is current is left as it is.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isCurrent } from "./support/native-current.mjs";
import { fileOf, lackedBy, promised, refusal } from "./support/prebuilds.mjs";

const root = path.resolve(import.meta.dirname, "..");
const required = process.argv.includes("--required");
/** Node's own binaries want glibc 2.28; ours would run on older ones. */
const GLIBC_MAX = [2, 17];
/** What Node looks for in an addon, and what a linker adds. */
const EXPORTS =
  /^(napi_register_module_v1|node_api_module_get_api_version_v1|_init|_fini)$/;

const system = fs.existsSync(`/usr/include/${triplet()}`) ? triplet() : "";
const targets = {
  glibc: { compiler: process.env.CC ?? "gcc", flags: "" },
  // Only the kernel's headers are wanted of the system's, so they come last.
  musl: {
    compiler: "musl-gcc",
    flags: `-idirafter /usr/include -idirafter /usr/include/${system}`,
  },
};

const outcomes = Object.entries(targets).map(([libc, target]) => {
  const name = `${process.platform}-${process.arch}-${libc}`;
  const reason = make(name, libc, target);
  return { name, reason };
});
console.log(
  `prebuilds: ${outcomes.map(({ name, reason }) => (reason === null ? name : `${name} not made (${reason})`)).join(", ")}`,
);
const lacked = lackedBy(
  promised.map(fileOf).filter((file) => fs.existsSync(path.join(root, file))),
);
if (required && lacked.length > 0) {
  console.error(refusal(lacked));
  process.exitCode = 1;
}

/** Returns why it could not be made; null when it is there. */
function make(name, libc, { compiler, flags }) {
  if (process.platform !== "linux") return "it is for Linux";
  const file = path.join(root, "prebuilds", name, "node-eio.node");
  if (isCurrent(file, ["scripts/prebuild.mjs"])) return null;
  fs.rmSync(file, { force: true });
  const fresh = path.join(root, `native-aio/build/prebuild/${libc}.node`);
  const { status, stdout } = spawnSync(
    process.execPath,
    ["scripts/build-native.mjs", "--required", `--out=${fresh}`],
    {
      cwd: root,
      encoding: "utf8",
      env: {
        ...process.env,
        ...{ CC: compiler, EIO_CFLAGS: flags, EIO_LDFLAGS: "-s" },
      },
    },
  );
  if (status !== 0)
    return /not built \((.*?)(\); the pool|\n|$)/.exec(stdout)[1];
  const { exported, undefinedOnes } = symbolsOf(fresh);
  const odd = [
    ...exported.filter((symbol) => !EXPORTS.test(symbol)),
    ...undefinedOnes.filter((symbol) => !isExpected(symbol, libc)),
  ];
  const wrong =
    odd.length > 0
      ? `unexpected symbols: ${odd.join(" ")}`
      : doesNotLoad(fresh, libc, compiler, undefinedOnes);
  if (wrong !== null) {
    // Not a machine that lacks something, but code that would not run for somebody else.
    console.error(`prebuilds: ${name} is wrong: ${wrong}`);
    process.exitCode = 1;
    return "see above";
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.renameSync(fresh, file);
  return null;
}

function symbolsOf(file) {
  const lines = execFileSync("nm", ["-D", file], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return {
    exported: lines.filter((l) => l.length === 3).map((l) => l[2]),
    undefinedOnes: lines
      .filter(([kind]) => kind === "U")
      .map(([, symbol]) => symbol),
  };
}

function isExpected(symbol, libc) {
  if (/^(napi|uv)_/.test(symbol)) return true;
  if (libc === "musl") return !symbol.includes("@");
  const [, major, minor] = /@GLIBC_(\d+)\.(\d+)/.exec(symbol) ?? [];
  return Number(major) === GLIBC_MAX[0] && Number(minor) <= GLIBC_MAX[1];
}

/** In Node where that has this C library; else in a program that has Node's functions in name only. */
function doesNotLoad(file, libc, compiler, undefinedOnes) {
  if (libc === "glibc")
    return loads(process.execPath, ["-e", `require(${JSON.stringify(file)})`]);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-host-"));
  const stubs = undefinedOnes
    .filter((symbol) => /^(napi|uv)_/.test(symbol))
    .map((symbol) => `void ${symbol}(void) {}`);
  fs.writeFileSync(
    path.join(folder, "host.c"),
    `#include <dlfcn.h>
     #include <stdio.h>
     ${stubs.join("\n")}
     int main(int count, char **arguments) {
       void *addon = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
       if (addon != NULL && dlsym(addon, "napi_register_module_v1") != NULL)
         return 0;
       fprintf(stderr, "%s\\n", dlerror());
       return 1;
     }\n`,
  );
  const host = path.join(folder, "host");
  const wrong =
    loads(compiler, ["-rdynamic", `${host}.c`, "-o", host]) ??
    loads(host, [file]);
  fs.rmSync(folder, { recursive: true });
  return wrong;
}

function loads(command, args) {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
  });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}

function triplet() {
  const machine = { x64: "x86_64", arm64: "aarch64" }[process.arch];
  return `${machine}-linux-gnu`;
}
