// The application that every bundler bundles: a read, a listing, a function in a worker, an executor, and what the shared
// instance says of its backends, as one line of JSON.
import { eio } from "node-eio";
import { readFile, readdir } from "node-eio/promises";

const [file, folder] = process.argv.slice(2);

/** What became of a promise, as a text. */
const outcomeOf = (promise) =>
  promise.then(
    (value) => `${value}`,
    ({ code, message }) => `${code}: ${message}`,
  );

async function inThreads() {
  const executor = eio.executor("node:path", { threads: 1 });
  try {
    return await executor.call("dirname", ["/a/b"]);
  } finally {
    await executor.close();
  }
}

async function main() {
  const text = await readFile(file, "utf8");
  const names = await readdir(folder);
  const custom = await outcomeOf(
    eio.custom("node:path", ["/a/b"], { name: "basename" }),
  );
  const executor = await outcomeOf(inThreads());
  const { pool, threads, node } = eio.backends;
  console.log(
    JSON.stringify({ text, names, custom, executor, pool, threads, node }),
  );
}

main();
