// Processes under Node's permission model: a folder that is allowed and one that is not, and programs that
// are run there with the built package. It knows how such a process is started, not what it tries.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const root = path.resolve(import.meta.dirname, "../../..");
const major = Number.parseInt(process.versions.node, 10);
const MODEL = major >= 24 ? "--permission" : "--experimental-permission";

export const url = (door: string): string =>
  pathToFileURL(path.join(root, "dist", door)).href;
export const REGISTER = ["--import", url("register.js")];

/** What a process may have beside its files. */
export const allowances: Record<string, string[]> = {
  "with workers and native code": ["--allow-worker", "--allow-addons"],
  "with workers alone": ["--allow-worker"],
  "with native code alone": ["--allow-addons"],
  "with neither": [],
};

/** In a copy of the tree packages are links. Node 20 takes no folder twice. */
function linkedPackages(): string[] {
  const packages = path.join(root, "node_modules");
  const real = path.dirname(fs.realpathSync(path.join(packages, "piscina")));
  return real === packages ? [] : [`--allow-fs-read=${real}`];
}

export class Setting {
  readonly base = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), "eio-permissions-")),
  );
  readonly allowed = path.join(this.base, "allowed");
  readonly denied = path.join(this.base, "denied");

  constructor() {
    for (const folder of [this.allowed, this.denied]) {
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(folder, "file"), "content");
      fs.writeFileSync(
        path.join(folder, "module.cjs"),
        "module.exports = () => 42;",
      );
      fs.mkdirSync(path.join(folder, "sub"));
    }
  }

  /** What a program prints last, as JSON; it finds the two folders in its arguments. */
  run(
    program: string,
    args: readonly string[],
    cwd = this.allowed,
    env: NodeJS.ProcessEnv = {},
  ): unknown {
    const file = path.join(this.allowed, "program.mjs");
    fs.writeFileSync(file, program);
    const limits = [
      MODEL,
      "--no-warnings",
      ...[
        "dist",
        "node_modules",
        "native-aio",
        "prebuilds",
        "package.json",
      ].map((name) => `--allow-fs-read=${path.join(root, name)}`),
      ...linkedPackages(),
      `--allow-fs-read=${this.allowed}`,
      `--allow-fs-write=${this.allowed}`,
    ];
    const ran = spawnSync(
      process.execPath,
      [...limits, ...args, file, this.allowed, this.denied],
      { cwd, encoding: "utf8", env: { ...process.env, ...env } },
    );
    if (ran.status !== 0) throw new Error(`${ran.stdout}\n${ran.stderr}`);
    return JSON.parse(ran.stdout.trim().split("\n").at(-1)!);
  }

  remove(): void {
    fs.rmSync(this.base, { recursive: true });
  }
}
