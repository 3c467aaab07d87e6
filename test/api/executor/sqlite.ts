// Where better-sqlite3 is installed, and executors that run it. It does not know what is tested.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const home = process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
const cache = path.join(home, "node-eio");

/** By scripts/fetch-sqlite.mjs, for this release of Node; undefined: it is not. */
export function findSqlite(): string | undefined {
  if (!fs.existsSync(cache)) return undefined;
  return fs
    .readdirSync(cache)
    .filter(
      (name) =>
        name.startsWith("sqlite-12.") &&
        name.endsWith(`-${process.versions.modules}`),
    )
    .map((name) => path.join(cache, name, "node_modules/better-sqlite3"))
    .find((at) =>
      fs.existsSync(path.join(at, "build/Release/better_sqlite3.node")),
    );
}

export const sqliteDriver = new URL("./sqlite-driver.mjs", import.meta.url);
