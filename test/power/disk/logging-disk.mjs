// The file system of logging-disk.c: compiled, mounted over a folder of its own, and taken down. It does not know what runs on it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate } from "node:timers/promises";

const source = path.join(import.meta.dirname, "logging-disk.c");
const compiler = process.env.CC ?? "cc";

/** Why there is no such disk here; null where there is one. */
export function whyNoDisk() {
  if (process.platform !== "linux") return "it is for Linux";
  if (!fs.existsSync("/dev/fuse")) return "there is no /dev/fuse";
  try {
    fs.accessSync("/dev/fuse", fs.constants.R_OK | fs.constants.W_OK);
  } catch (error) {
    return error.message;
  }
  if (spawnSync(compiler, ["--version"]).error !== undefined)
    return `there is no compiler (${compiler})`;
  const { status, error } = spawnSync("pkg-config", ["--exists", "fuse3"]);
  if (error !== undefined) return "there is no pkg-config";
  return status === 0 ? null : "there is no libfuse3 (libfuse3-dev, fuse3)";
}

function compile(folder) {
  const { stdout } = spawnSync("pkg-config", ["--cflags", "--libs", "fuse3"], {
    encoding: "utf8",
  });
  const program = path.join(folder, "logging-disk");
  const flags = ["-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror"];
  const { status, stderr } = spawnSync(
    compiler,
    [...flags, source, ...stdout.trim().split(/\s+/), "-o", program],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return program;
}

/** A mounted disk: `folder` is what programs see, `below` where their files really are. */
export class LoggingDisk {
  #home = fs.mkdtempSync(path.join(os.tmpdir(), "eio-disk-"));
  #program;
  #server = null;
  folder = path.join(this.#home, "mount");
  below = path.join(this.#home, "files");
  #logFile = path.join(this.#home, "log");

  constructor() {
    this.#program = compile(this.#home);
    process.once("exit", this.#remove);
  }

  async mount() {
    fs.mkdirSync(this.folder);
    fs.mkdirSync(this.below);
    const { dev } = fs.statSync(this.folder);
    const given = [this.below, this.#logFile, this.folder];
    this.#server = spawn(this.#program, given, {
      stdio: ["ignore", "ignore", "inherit"],
    });
    while (fs.statSync(this.folder).dev === dev) {
      if (this.#server.exitCode !== null)
        throw new Error(`the disk ended with ${this.#server.exitCode}`);
      await setImmediate();
    }
  }

  /** How much was logged: what is in the log by now may be on the disk, nothing else. */
  get position() {
    return fs.statSync(this.#logFile).size;
  }

  readLog() {
    return fs.readFileSync(this.#logFile);
  }

  /** An empty one again. */
  async unmount() {
    if (this.#server === null) return;
    const server = this.#server;
    this.#server = null;
    const ended = once(server, "exit");
    spawnSync("umount", ["--lazy", this.folder]);
    if (server.exitCode === null && server.signalCode === null) await ended;
    for (const one of [this.folder, this.below, this.#logFile])
      fs.rmSync(one, { recursive: true });
  }

  #remove = () => {
    if (this.#server !== null) {
      spawnSync("umount", ["--lazy", this.folder]);
      this.#server.kill("SIGKILL");
    }
    fs.rmSync(this.#home, { recursive: true, force: true });
  };

  async close() {
    await this.unmount();
    process.off("exit", this.#remove);
    this.#remove();
  }
}
