// A database for the bench of executors: node:sqlite where Node has it, else better-sqlite3, the same for all subjects. It runs on
// whichever thread loads it.
import { scryptSync } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";

const ROWS = 100_000;
const SCAN = 10_000;
const require = createRequire(import.meta.url);

function findBetterSqlite() {
  const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
  const cache = path.join(home, "node-eio");
  const name = (fs.existsSync(cache) ? fs.readdirSync(cache) : []).find(
    (name) =>
      name.startsWith("sqlite-12.") &&
      name.endsWith(`-${process.versions.modules}`),
  );
  if (name === undefined)
    throw new Error("Run this first: node scripts/fetch-sqlite.mjs");
  return path.join(cache, name, "node_modules/better-sqlite3");
}

export const driver = process.getBuiltinModule?.("node:sqlite")
  ? "node:sqlite"
  : "better-sqlite3";

export function connect(file) {
  if (driver === "better-sqlite3")
    return new (require(findBetterSqlite()))(file);
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  return new DatabaseSync(file);
}

export function create(file) {
  const db = connect(file);
  db.exec(`create table people (id integer primary key, name text, age integer);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
      insert into people select i, 'name ' || i, i % 90 from n`);
  db.close();
}

let db;
let finding;
let scanning;
export function open({ data }) {
  db = connect(data.file);
  finding = db.prepare("select * from people where id = ?");
  scanning = db.prepare(
    "select avg(age) as age, max(length(name)) as length from people where id between ? and ?",
  );
}
export const close = () => db.close();

/** One row by its key: some microseconds. */
export const find = (i) => finding.get((i % ROWS) + 1);
/** Many rows: about a millisecond. */
export const scan = (i) => {
  const first = (i * 7919) % (ROWS - SCAN);
  return scanning.get(first, first + SCAN);
};

/** No database: a hash of some milliseconds. */
export const hash = (i) =>
  scryptSync(`password ${i}`, "salt", 32, { N: 2 ** 11 }).toString("hex");

// --- for subjects that have no open() ---

const { FILE } = process.env;
const calls = { find, scan, hash };
/** As piscina's task. */
export default function task({ name, i }) {
  if (db === undefined) open({ data: { file: FILE } });
  return calls[name](i);
}
/** As custom() calls it. */
export const call = (name, i) => task({ name, i });
