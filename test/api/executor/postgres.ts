// A PostgreSQL server for a test file: made in a folder of its own, reached by a socket there, and stopped in the end. It does not
// know what is stored in it.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** Debian's, of any version. */
const VERSIONS = "/usr/lib/postgresql";
/** The server refuses to run as root, so it runs as another user, mapped onto this one. */
const AS_SOMEBODY = ["--user", "--map-user=1000", "--map-group=1000", "--"];
const cache = path.join(
  process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache"),
  "node-eio",
);

/** Where pg-native is installed; a text says why there is no server, or no driver. */
export function findPostgres(): { bin: string; driver: string } | string {
  const bin = (fs.existsSync(VERSIONS) ? fs.readdirSync(VERSIONS) : [])
    .map((version) => path.join(VERSIONS, version, "bin"))
    .find((folder) => fs.existsSync(path.join(folder, "initdb")));
  if (bin === undefined) return "there is no PostgreSQL server";
  if (isRoot && spawnSync("unshare", [...AS_SOMEBODY, "true"]).status !== 0)
    return "the server cannot be run by root, and there are no user namespaces";
  const driver = (fs.existsSync(cache) ? fs.readdirSync(cache) : [])
    .filter(
      (name) =>
        name.startsWith("pg-") && name.endsWith(`-${process.versions.modules}`),
    )
    .map((name) => path.join(cache, name, "node_modules"))
    .find((at) =>
      fs.existsSync(path.join(at, "libpq/build/Release/addon.node")),
    );
  if (driver === undefined)
    return "pg-native is not installed (node scripts/fetch-pg-native.mjs)";
  return { bin, driver: path.join(driver, "pg-native") };
}

const isRoot = process.getuid?.() === 0;

function commandOf(file: string, args: string[]): [string, string[]] {
  return isRoot ? ["unshare", [...AS_SOMEBODY, file, ...args]] : [file, args];
}

/** Returns what stops it. */
export async function startPostgres(
  bin: string,
  folder: string,
): Promise<() => Promise<void>> {
  const data = path.join(folder, "data");
  const made = spawnSync(
    ...commandOf(path.join(bin, "initdb"), [
      ...["-D", data, "-U", "tester", "-A", "trust", "-N"],
      "--no-locale",
    ]),
    { cwd: folder, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const settings = {
    listen_addresses: "",
    fsync: "off",
    deadlock_timeout: "20ms",
  };
  const server = spawn(
    ...commandOf(path.join(bin, "postgres"), [
      ...["-D", data, "-k", folder],
      ...Object.entries(settings).flatMap(([name, value]) => [
        "-c",
        `${name}=${value}`,
      ]),
    ]),
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise<void>((resolve) =>
    server.once("exit", () => resolve()),
  );
  await new Promise<void>((resolve, reject) => {
    const said: string[] = [];
    createInterface(server.stderr).on("line", (line) => {
      said.push(line);
      if (line.includes("ready to accept connections")) resolve();
    });
    void ended.then(() => reject(new Error(said.join("\n"))));
  });
  return () => {
    // At once: nobody needs what is stored.
    server.kill("SIGQUIT");
    return ended;
  };
}

export const postgresDriver = new URL("./postgres-driver.mjs", import.meta.url);
