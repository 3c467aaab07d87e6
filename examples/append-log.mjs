// A counter of stock that survives crashes: every sale is a record, and the state is what all records add up to.
// Run: node examples/append-log.mjs
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { eio } from "node-eio";

const fs = eio.promises;
const folder = await fs.mkdtemp(path.join(tmpdir(), "node-eio-example-"));
const file = path.join(folder, "sales.log");

async function openStock() {
  const log = await eio.appendLog(file);
  const stock = new Map();
  const apply = ({ item, count }) =>
    stock.set(item, (stock.get(item) ?? 0) + count);
  for await (const { data } of log.read()) apply(JSON.parse(data));
  return {
    stock,
    /** Resolves when the change cannot be lost any more. */
    async change(item, count) {
      await log.append(JSON.stringify({ item, count }));
      apply({ item, count });
    },
    close: () => log.close(),
  };
}

const shop = await openStock();
await shop.change("apple", 100);
// Customers do not wait for each other: their records share one sync.
await Promise.all(Array.from({ length: 60 }, () => shop.change("apple", -1)));
await shop.close();

// The process ends in the middle of a record.
const [segment] = (await fs.readdir(file)).filter((name) => name !== "lock");
await fs.appendFile(path.join(file, segment), "half a rec");

const again = await openStock();
assert.equal(again.stock.get("apple"), 40);
await again.change("apple", -40);
await again.close();

let records = 0;
for await (const _record of eio.readLog(file)) records++;
assert.equal(records, 62);
await fs.rm(folder, { recursive: true });
console.log(`ok: ${records} records, none lost`);
