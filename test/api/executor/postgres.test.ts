// Executors with PostgreSQL, by libpq, which blocks: errors, cursors, a connection for each thread, and transactions that are never
// half done.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Executor, ExecutorOptions } from "../../../src/index.ts";
import { executorOf } from "./helpers.ts";
import { findPostgres, postgresDriver, startPostgres } from "./postgres.ts";
import {
  faultsIn,
  HANGS_MS,
  summaryOf,
  transferAtRandom,
  type Entry,
} from "./transfers.ts";

const found = findPostgres();
const missing = typeof found === "string";
if (missing) console.log(`PostgreSQL: left out, ${found}`);

/** `npm run test:executors` makes more. */
const transfers = Number(process.env["EIO_TRANSFERS"] ?? 200);
const DEATH_EVERY = 50;

describe.skipIf(missing)("PostgreSQL in an executor", () => {
  // The path of a socket may not be long.
  let socket: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    socket = fs.mkdtempSync(path.join(os.tmpdir(), "eio-pg-"));
    const { bin } = found as { bin: string };
    stop = await startPostgres(bin, socket);
    const admin = executorOf(
      new URL("./postgres-admin.mjs", import.meta.url),
      options(),
    );
    await admin.call("create");
    await admin.close();
  }, 120_000);
  afterAll(async () => {
    await stop?.();
    fs.rmSync(socket, { recursive: true, force: true });
  });

  function options(): ExecutorOptions {
    const { driver } = found as { driver: string };
    return { data: { driver, socket, folder: socket } };
  }
  const postgres = (change?: ExecutorOptions): Executor =>
    executorOf(postgresDriver, { ...options(), ...change });

  it("has a connection for each thread, and closes it with the thread", async () => {
    const db = postgres({ threads: 2 });
    const [one, two] = [await db.session(), await db.session()];
    const pids = [await one.call("pid"), await two.call("pid")];
    expect(pids[0]).not.toBe(pids[1]);
    const count = `select count(*)::int as n from pg_stat_activity where pid in (${pids.join()})`;
    expect(await one.call("query", [count])).toEqual([{ n: 2 }]);
    await Promise.all([one.end(), two.end()]);
    await db.close();
    const other = postgres();
    for (;;) {
      const [row] = await other.call<[{ n: number }]>("query", [count]);
      if (row.n === 0) break;
    }
  });

  it("rejects with the server's error, and the session goes on as PostgreSQL lets it", async () => {
    const db = postgres();
    const session = await db.session();
    await session.call("begin");
    await expect(
      session.call("query", ["select * from nowhere"]),
    ).rejects.toThrow('relation "nowhere" does not exist');
    await expect(session.call("query", ["select 1"])).rejects.toThrow(
      "current transaction is aborted",
    );
    await session.end();
    expect(await db.call("query", ["select 1 as one"])).toEqual([{ one: 1 }]);
  });

  it("streams the rows of a cursor, and closes it when the loop is left", async () => {
    const db = postgres();
    const sql = "select generate_series(1, 100000000) as i";
    let sum = 0;
    for await (const { i } of db.stream<{ i: number }>("rows", [sql])) {
      sum += i;
      if (i === 1000) break;
    }
    expect(sum).toBe(500_500);
    const cursors = "select count(*)::int as n from pg_cursors";
    expect(await db.call("query", [cursors])).toEqual([{ n: 0 }]);
  });

  it("gives up locks of a thread that dies in the middle of a transaction", async () => {
    const db = postgres({ threads: 1 });
    const session = await db.session();
    await session.call("begin");
    await session.call("add", [0, 5]);
    await expect(session.call("die")).rejects.toMatchObject({
      code: "ERR_EIO_WORKER_LOST",
    });
    // It would wait for the lock for ever.
    await db.call("add", [0, 0]);
    expect((await db.call<number[]>("balances"))[0]).toBe(0);
  });

  it(
    `half commits none of ${transfers} transfers of 50 sessions that are cancelled, time out, fail and lose their threads`,
    async () => {
      const db = postgres({ threads: 4 });
      const outcome = await transferAtRandom(db, {
        ...{ transfers, sessions: 50, accounts: 20 },
        deathEvery: DEATH_EVERY,
      });
      const faults = faultsIn(
        outcome,
        await db.call<Entry[]>("entries"),
        await db.call<number[]>("balances"),
      );
      console.log(summaryOf("PostgreSQL", outcome, faults));
      expect(faults).toEqual([]);
      const { fates } = outcome;
      const committed = [...fates.values()].filter((fate) => fate === "yes");
      expect(committed.length).toBeGreaterThan(transfers / 3);
      expect(db.stats().lost).toBeGreaterThan(transfers / DEATH_EVERY / 4);
    },
    HANGS_MS,
  );
});
