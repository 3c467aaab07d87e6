// A database that blocks, kept off the event loop: better-sqlite3 runs in the pool, and the loop turns on while
// a slow query runs. It is installed by: node scripts/fetch-sqlite.mjs
// Run: node examples/custom-blocking-driver-sqlite.mjs
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
  const file = path.join(folder, "words.db");
  const module = new URL("./blocking-driver-sqlite.mjs", import.meta.url);
  const query = (sql, ...values) =>
    eio.custom(module, [driver, file, sql, ...values]);
  await query("create table words (word text)");
  await query("insert into words values (?), (?)", "one", "two");
  assert.deepEqual(await query("select word from words order by word"), [
    { word: "one" },
    { word: "two" },
  ]);

  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  const slow = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000)
    select sum(i) as sum from n`;
  const [{ sum }] = await query(slow);
  clearInterval(turning);
  assert.equal(sum, 4500001500000);
  assert.ok(turns > 10, `the loop turned ${turns} times`);
  await assert.rejects(query("select nonsense"), { code: "SQLITE_ERROR" });
  fs.rmSync(folder, { recursive: true });
  console.log(`ok: the loop turned while a slow query ran`);
}
