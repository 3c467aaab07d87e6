// PostgreSQL as an executor runs it, by pg-native, which is libpq and blocks. `data`: where the server is, where pg-native is installed,
// and a folder for copies of it: its addon can be loaded by one thread of a process only, so each thread loads a copy.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { threadId } from "node:worker_threads";

let client;

export function open({ data }) {
  const copy = path.join(data.folder, `driver-${threadId}`, "node_modules");
  fs.cpSync(path.dirname(data.driver), copy, { recursive: true });
  const Client = createRequire(path.join(copy, "noop.js"))("pg-native");
  client = new Client();
  client.connectSync(`host=${data.socket} user=tester dbname=postgres`);
  // A rollback without a transaction is worth a warning to it.
  client.querySync("set client_min_messages = error");
  client.prepareSync(
    "add",
    "update accounts set sum = sum + $1 where id = $2",
    2,
  );
  client.prepareSync("note", "insert into entries values ($1, $2, $3, $4)", 4);
}

export function close() {
  client.end();
}

export function reset() {
  client.querySync("rollback");
}

export const query = (sql, values) => client.querySync(sql, values);
export const begin = () => void client.querySync("begin");
/** PostgreSQL makes a rollback of the commit of a transaction in which something failed, and calls that a success. */
export const commit = () => void client.querySync("commit");
export const add = (id, sum) => void client.executeSync("add", [sum, id]);
export const note = (...entry) => void client.executeSync("note", entry);
export const balances = () =>
  client
    .querySync("select sum from accounts order by id")
    .map(({ sum }) => sum);
export const entries = () => client.querySync("select * from entries");
export const pid = () =>
  client.querySync("select pg_backend_pid() as pid")[0].pid;

/** A cursor of the server: rows come in portions. */
export function* rows(sql, portion = 100) {
  client.querySync("begin");
  client.querySync(`declare cursor_of_rows cursor for ${sql}`);
  try {
    for (;;) {
      const rows = client.querySync(`fetch ${portion} from cursor_of_rows`);
      yield* rows;
      if (rows.length < portion) break;
    }
  } finally {
    client.querySync("close cursor_of_rows");
    client.querySync("commit");
  }
}
export const die = () => process.exit(1);
export const dieUncaught = () =>
  new Promise(() => {
    setImmediate(() => {
      throw new Error("the driver went mad");
    });
  });
