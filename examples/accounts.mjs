// What runs in each thread of examples/executor-sqlite.mjs: better-sqlite3 and what a bank does with it. One connection for each
// thread; `data.driver` is where better-sqlite3 is installed.
import { createRequire } from "node:module";

let db;
let signal;

export function open(thread) {
  const Database = createRequire(import.meta.url)(thread.data.driver);
  ({ signal } = thread);
  db = new Database(thread.data.file);
  db.pragma("journal_mode = wal");
  db.exec(
    "create table if not exists accounts (name text primary key, sum integer check (sum >= 0))",
  );
  // A query that calls it stops when its call is cancelled.
  db.function("checked", (value) => (signal.throwIfAborted(), value));
}

export function close() {
  db.close();
}

/** At the end of each session. */
export function reset() {
  if (db.inTransaction) db.exec("rollback");
}

export const begin = () => void db.exec("begin immediate");
export const commit = () => void db.exec("commit");

export const create = (name, sum) =>
  void db.prepare("insert into accounts values (?, ?)").run(name, sum);
export const add = (name, sum) =>
  void db
    .prepare("update accounts set sum = sum + ? where name = ?")
    .run(sum, name);
export const sumOf = (name) =>
  db.prepare("select sum from accounts where name = ?").pluck().get(name);

export function* numbersTo(max) {
  yield* db
    .prepare(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select checked(i) as i from n",
    )
    .pluck()
    .iterate(max);
}
export const count = (max) =>
  db
    .prepare(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select count(checked(i)) from n",
    )
    .pluck()
    .get(max);
