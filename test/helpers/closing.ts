// A process that has nothing left to do but to close a handle, on which a write that its signal has ended still
// works: it waits for room in a full pipe. Started by test/api/handles/close-awaited.test.ts.
import { setImmediate as turn } from "node:timers/promises";
import { createEio } from "../../src/api/create.ts";
import type { BackendChoice } from "../../src/backends/select.ts";

const [backend, pipe] = process.argv.slice(2);
const eio = createEio({ backend: backend as BackendChoice });
const handle = await eio.promises.open(pipe!, "r+");
const ending = new AbortController();
const { signal } = ending;
const writing = handle.write(Buffer.from("x"), { signal } as object);
while (eio.nready !== 0 || eio.nthreads === 0) await turn();
ending.abort();
await writing.catch(({ name }: Error) => console.log(name));
// It is only called if something else keeps the process alive.
setTimeout(() => console.log("waiting"), 1).unref();
await handle.close();
console.log("closed");
