// What runs in a worker: better-sqlite3, which blocks the thread that calls it. One connection for each worker
// and file stays open; rows are copied to the caller.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const connections = new Map();

/** Runs one statement; `driver` is where better-sqlite3 is installed. */
export default function query(driver, file, sql, ...values) {
  let db = connections.get(file);
  if (db === undefined) {
    const Database = require(driver);
    db = new Database(file);
    connections.set(file, db);
  }
  const statement = db.prepare(sql);
  return statement.reader ? statement.all(...values) : statement.run(...values);
}
