// A program whose ticks, timers and clock are replaced by ones that swallow every call: by hand, or by
// node:test; each with an instance that was used before, and with one that was not. It knows which requests it makes, not who
// runs them.
import { mock } from "node:test";

const [dist, fifo] = process.argv.slice(2);
const { createEio } = await import(`${dist}/index.js`);

const names = ["setImmediate", "setInterval", "setTimeout", "queueMicrotask"];
const real = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
const { nextTick } = process;
const swallow = () => ({ ref() {}, unref() {}, hasRef: () => false });

const ways = {
  byHand: {
    begin() {
      process.nextTick = () => {};
      for (const name of names) globalThis[name] = swallow;
      performance.now = () => 1;
    },
    end() {
      process.nextTick = nextTick;
      Object.assign(globalThis, real);
      delete performance.now;
    },
  },
  byNodeTest: {
    begin: () => mock.timers.enable(),
    end: () => mock.timers.reset(),
  },
};

async function tryOut(fakes, since) {
  const { fs, promises } = createEio();
  const way = ways[fakes];
  if (since === "inUse") await promises.stat(".");
  way.begin();
  const settled = await Promise.all([
    new Promise((resolve) => fs.stat(".", () => resolve("callback"))),
    promises.readdir(".").then(() => "promise"),
    promises
      .readFile(fifo, { timeout: 20 })
      .catch(({ code }) => `timeout ${code}`),
  ]);
  console.log(`${fakes} ${since}: ${settled.join()}`);
  fs.stat(".", () => {});
  way.end();
  await promises.stat(".");
  console.log("restored");
}

for (const fakes of Object.keys(ways))
  for (const since of ["unused", "inUse"]) await tryOut(fakes, since);
