// better-sqlite3 as an executor runs it: one connection for each thread. `data.driver` is where it is installed.
import { createRequire } from "node:module";

let db;
let signal;
let statements;

export function open(thread) {
  const Database = createRequire(import.meta.url)(thread.data.driver);
  ({ signal } = thread);
  db = new Database(thread.data.file, { timeout: 30_000 });
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = off");
  db.function("checked", (value) => {
    signal.throwIfAborted();
    return value;
  });
  db.exec(`
    create table if not exists accounts (id integer primary key, sum integer not null);
    create table if not exists entries (id integer primary key, "from" integer, "to" integer, amount integer)`);
  statements = {
    add: db.prepare("update accounts set sum = sum + ? where id = ?"),
    note: db.prepare("insert into entries values (?, ?, ?, ?)"),
  };
}

export function close() {
  db.close();
}

export function reset() {
  if (db.inTransaction) db.exec("rollback");
}

export function fill(accounts) {
  const insert = db.prepare("insert into accounts values (?, 0)");
  db.transaction(() => {
    for (let id = 0; id < accounts; id++) insert.run(id);
  })();
}
export const begin = () => void db.exec("begin immediate");
export const commit = () => void db.exec("commit");
export const add = (id, sum) => void statements.add.run(sum, id);
export const note = (...entry) => void statements.note.run(...entry);
export const balances = () =>
  db.prepare("select sum from accounts order by id").pluck().all();
export const entries = () => db.prepare("select * from entries").all();
export const inTransaction = () => db.inTransaction;
export const query = (sql, ...values) => db.prepare(sql).all(...values);
export function* rows(sql, ...values) {
  yield* db.prepare(sql).iterate(...values);
}
export const die = () => process.exit(1);
export const dieUncaught = () =>
  new Promise(() => {
    setImmediate(() => {
      throw new Error("the driver went mad");
    });
  });
