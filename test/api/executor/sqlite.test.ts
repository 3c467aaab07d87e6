// Executors with better-sqlite3: its errors, its cursors, a query that is stopped, and transactions that are never half done.
import { describe, expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";
import type { Executor, ExecutorOptions } from "../../../src/index.ts";
import { executorOf } from "./helpers.ts";
import { findSqlite, sqliteDriver } from "./sqlite.ts";
import {
  faultsIn,
  HANGS_MS,
  summaryOf,
  transferAtRandom,
  type Entry,
} from "./transfers.ts";

const folder = testFolder();
const driver = findSqlite();
if (driver === undefined)
  console.log(
    "better-sqlite3 is not installed here (node scripts/fetch-sqlite.mjs)",
  );

/** `npm run test:executors` makes all of them. */
const transfers = Number(process.env["EIO_TRANSFERS"] ?? 400);
/** One in so many has its thread die. */
const DEATH_EVERY = 50;
const SLOW = `with recursive n(i) as (select 1 union all select i + 1 from n)
  select sum(checked(i)) from n`;

let files = 0;
function sqlite(options?: ExecutorOptions): Executor {
  const file = folder.join(`${++files}.db`);
  return executorOf(sqliteDriver, { data: { driver, file }, ...options });
}

describe.skipIf(driver === undefined)("better-sqlite3 in an executor", () => {
  it("rejects with its own errors: class, code and message", async () => {
    const db = sqlite();
    const error = (await db
      .call("query", ["select * from nowhere"])
      .catch((e: unknown) => e)) as Error & { code: string };
    expect(error).toBeInstanceOf(Error);
    expect(error.constructor.name).toBe("SqliteError");
    expect(error.name).toBe("SqliteError");
    expect(error.code).toBe("SQLITE_ERROR");
    expect(error.message).toBe("no such table: nowhere");
    expect(error.stack).toMatch(/sqlite-driver\.mjs[^]*sqlite\.test\.ts/);
  });

  it("streams rows, and closes the cursor when the loop is left", async () => {
    const db = sqlite();
    await db.call("fill", [5000]);
    let rows = 0;
    for await (const row of db.stream<{ id: number }>("rows", [
      "select * from accounts order by id",
    ]))
      expect(row.id).toBe(rows++);
    expect(rows).toBe(5000);
    const session = await db.session();
    for await (const _ of session.stream("rows", ["select * from accounts"]))
      break;
    // Refused while a cursor is open.
    await session.call("begin");
    expect(await session.call("inTransaction")).toBe(true);
    await session.end();
    expect(await db.call("inTransaction")).toBe(false);
  });

  it("stops a query that would never end when its call is cancelled", async () => {
    const db = sqlite();
    await expect(
      db.call("query", [SLOW], { timeout: 50 }),
    ).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(await db.call("query", ["select 1 as one"])).toEqual([{ one: 1 }]);
  });

  it(
    `half commits none of ${transfers} transfers of 50 sessions that are cancelled, time out, fail and lose their threads`,
    async () => {
      const db = sqlite({ threads: 4 });
      const accounts = 20;
      await db.call("fill", [accounts]);
      const outcome = await transferAtRandom(db, {
        ...{ transfers, sessions: 50, accounts },
        deathEvery: DEATH_EVERY,
      });
      const faults = faultsIn(
        outcome,
        await db.call<Entry[]>("entries"),
        await db.call<number[]>("balances"),
      );
      console.log(summaryOf("better-sqlite3", outcome, faults));
      expect(faults).toEqual([]);
      const { failed, fates } = outcome;
      const committed = [...fates.values()].filter((fate) => fate === "yes");
      expect(committed.length).toBeGreaterThan(transfers / 3);
      expect(db.stats().lost).toBeGreaterThan(transfers / DEATH_EVERY / 4);
      expect(Object.keys(failed)).toEqual(
        expect.arrayContaining(["ABORT_ERR", "MIND", "ERR_EIO_WORKER_LOST"]),
      );
    },
    HANGS_MS,
  );
});
