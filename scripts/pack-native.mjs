// What the check of the tarball needs for native code: an environment in which there is no compiler, and
// what an installed package says of its backends.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/** Node and npm are all that there is on the PATH; the folder is made. */
export function withoutCompiler(bin) {
  fs.mkdirSync(bin);
  fs.symlinkSync(process.execPath, path.join(bin, "node"));
  const npm = process.env.PATH.split(path.delimiter)
    .map((folder) => path.join(folder, "npm"))
    .find((file) => fs.existsSync(file));
  fs.symlinkSync(fs.realpathSync(npm), path.join(bin, "npm"));
  const {
    CC: _,
    NODE_EIO_BACKEND: __,
    NODE_EIO_NATIVE: ___,
    ...env
  } = process.env;
  env.PATH = bin;
  for (const compiler of ["cc", "gcc", "clang"])
    if (spawnSync(compiler, ["--version"], { env }).error?.code !== "ENOENT")
      throw new Error(`${compiler} is still to be found`);
  return env;
}

/** The `backend` and `backends` of the default instance. */
export function backendsOf(app, env) {
  const program = `
    import { eio } from "node-eio";
    console.log(JSON.stringify({ backend: eio.backend, backends: eio.backends }));`;
  const args = ["--input-type=module", "-e", program];
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd: app, env, encoding: "utf8" }),
  );
}
