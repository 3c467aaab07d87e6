// A database that blocks, on threads of its own: better-sqlite3 in an executor. A transaction in a session, one that is not
// committed, rows as they are wanted, and a query that is stopped. It is installed by: node scripts/fetch-sqlite.mjs
// Run: node examples/executor-sqlite.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { clearInterval, setInterval } from "node:timers";
import { eio } from "node-eio";

const home = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
const cache = path.join(home, "node-eio");
const abi = `-${process.versions.modules}`;
const found = fs.existsSync(cache)
  ? fs
      .readdirSync(cache)
      .filter((name) => name.startsWith("sqlite-") && name.endsWith(abi))
      .map((name) => path.join(cache, name, "node_modules/better-sqlite3"))
      .find((at) =>
        fs.existsSync(path.join(at, "build/Release/better_sqlite3.node")),
      )
  : undefined;

if (found === undefined)
  console.log(
    "ok: left out, better-sqlite3 is not there (scripts/fetch-sqlite.mjs)",
  );
else await show(found);

async function show(driver) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-sqlite-"));
  const bank = eio.executor(new URL("./accounts.mjs", import.meta.url), {
    threads: 2,
    data: { driver, file: path.join(folder, "bank.db") },
  });
  await bank.call("create", ["ann", 100]);
  await bank.call("create", ["bob", 0]);

  /** With `await using` (Node 24, or a compiler) there is no `finally`. */
  async function transfer(from, to, sum) {
    const session = await bank.session();
    try {
      await session.call("begin");
      await session.call("add", [to, sum]);
      await session.call("add", [from, -sum]);
      await session.call("commit");
    } finally {
      await session.end();
    }
  }
  await transfer("ann", "bob", 70);
  await assert.rejects(transfer("ann", "bob", 70), {
    name: "SqliteError",
    code: "SQLITE_CONSTRAINT_CHECK",
  });
  assert.equal(await bank.call("sumOf", ["ann"]), 30);
  assert.equal(await bank.call("sumOf", ["bob"]), 70);

  let sum = 0;
  for await (const i of bank.stream("numbersTo", [1e9])) {
    sum += i;
    if (i === 1000) break;
  }
  assert.equal(sum, 500_500);

  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  await assert.rejects(bank.call("count", [1e12], { timeout: 100 }), {
    code: "ETIMEDOUT",
  });
  clearInterval(turning);
  assert.ok(turns > 10, `the loop turned ${turns} times`);

  await bank.close();
  fs.rmSync(folder, { recursive: true });
  console.log("ok: what was not committed was not done");
}
