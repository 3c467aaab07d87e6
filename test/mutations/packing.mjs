// Mistakes in what is packed: which binaries are promised, what may be in one, and which is loaded; see table.mjs.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const packing = [
  // A processor less is promised than README says.
  ...of("scripts/support/prebuilds.mjs", "test/scripts/prebuilds.test.ts", [
    '  "linux-arm64-musl",\n',
    "",
  ]),
  // Something is published from nowhere.
  ...of(
    "scripts/support/release-checks.mjs",
    "test/scripts/release-checks.test.ts",
    ["url === REPOSITORY", "false"],
    ['folder !== "." && repository.directory !== folder', "false"],
  ),
  ...of(
    "scripts/support/elf.mjs",
    "test/scripts/prebuilds.test.ts",
    // One for another processor, of another C library, or of a newer one is packed.
    ["if (machine !== target.machine)", "if (false)"],
    ["if (libraries.length > 0)", "if (false)"],
    ["Number(minor) <= GLIBC_MAX[1]", "Number(minor) > 0"],
    ["exported.includes(ENTRY)", "true"],
  ),
  ...of(
    "scripts/support/prebuild-targets.mjs",
    "test/scripts/prebuilds.test.ts",
    ['arch === "arm64" ? ["-mno-outline-atomics"] : []', "[]"],
    ["!isForeign && libc === usual", "libc === usual"],
  ),
  ...of(
    "src/backends/native.ts",
    "test/backends/which-binary.test.ts",
    ['start.includes("/ld-musl-")', "false"],
    [
      "`${process.platform}-${process.arch}-${libc()}`",
      "`${process.platform}-x64-${libc()}`",
    ],
  ),
];
