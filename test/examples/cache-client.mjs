// A process of cached-pages.test.ts: takes entries from the cache of the example and verifies each of them, and writes down what it
// makes itself.
// Usage: node cache-client.mjs FOLDER MADE '{"keys":3,"first":0,"gets":100,"maxAgeMs":1000,"maxBytes":1000,"gate":"FILE"}'
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import { FileCache } from "../../examples/cached-pages/cache.mjs";

const [folder, made, text] = process.argv.slice(2);
const {
  keys,
  first = 0,
  gets,
  gate,
  bytes = 20_000,
  ...options
} = JSON.parse(text);
const cache = new FileCache(folder, options);
const digest = (data) => createHash("sha256").update(data).digest();

async function make(key) {
  fs.appendFileSync(made, `${key} ${process.pid}\n`);
  while (gate && !fs.existsSync(gate))
    await new Promise((go) => setTimeout(go, 5));
  const data = randomBytes(Math.ceil(Math.random() * bytes));
  return {
    about: { key },
    body: Buffer.concat([digest(data), data]),
    keep: true,
  };
}

const counts = { hits: 0, wrong: 0 };
async function get() {
  const key = `key ${first + Math.floor(Math.random() * keys)}`;
  const { about, body, hit } = await cache.get(key, () => make(key));
  if (hit) counts.hits++;
  if (
    about.key !== key ||
    !digest(body.subarray(32)).equals(body.subarray(0, 32))
  )
    counts.wrong++;
}
/** Some at a time, as a server has them. */
const client = async () => {
  for (let i = 0; i < gets / 4; i++) await get();
};
await Promise.all([client(), client(), client(), client()]);
console.log(JSON.stringify(counts));
