// What "Are the types wrong?" says of tarballs, one after the other in one process: to load its compiler takes longer than to check
// most packages. It ends with status 1 where a program would not find the types of one.
// Usage: node scripts/support/attw.mjs FILE.tgz ...
import fs from "node:fs";
import { getExitCode } from "@arethetypeswrong/cli/internal/getExitCode";
import {
  checkPackage,
  createPackageFromTarballData,
} from "@arethetypeswrong/core";

/** As with its `--profile node16`. */
const options = { ignoreResolutions: ["node10"] };

for (const file of process.argv.slice(2)) {
  const tarball = createPackageFromTarballData(fs.readFileSync(file));
  const analysis = await checkPackage(tarball);
  if (getExitCode(analysis, options) === 0) continue;
  process.exitCode = 1;
  const { typed } = await import("@arethetypeswrong/cli/internal/render");
  console.error(await typed(analysis, options));
}
