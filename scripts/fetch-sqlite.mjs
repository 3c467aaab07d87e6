// Installs better-sqlite3 for the tests and the example of executors, outside of this package. It does not know what they do with it.
// Usage: node scripts/fetch-sqlite.mjs; it prints the folder, in which examples/executor-sqlite.mjs looks.
import { fetchDriver } from "./support/fetch-driver.mjs";

console.log(
  fetchDriver({
    folder: "sqlite",
    name: "better-sqlite3",
    version: "12.4.1",
    compiled: "better-sqlite3",
    binary: "better_sqlite3.node",
  }),
);
