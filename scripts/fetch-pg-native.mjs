// Installs pg-native, PostgreSQL's own client library as a synchronous driver, for the tests of executors, outside of this package. It takes the
// headers of libpq (Debian's libpq-dev).
// Usage: node scripts/fetch-pg-native.mjs; it prints the folder.
import { fetchDriver } from "./support/fetch-driver.mjs";

console.log(
  fetchDriver({
    folder: "pg",
    name: "pg-native",
    version: "3.9.0",
    compiled: "libpq",
    binary: "addon.node",
  }),
);
