// What runs between callbacks, and where what they throw surfaces: a program that prints the same with
// node:fs and with ours. Arguments: a module, a folder to work in, a FIFO, and scenarios, each of which is named before its lines.
import {
  AsyncLocalStorage,
  executionAsyncId,
  createHook,
} from "node:async_hooks";
import { existsSync, openSync, writeSync, closeSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";

const [module, folder, fifo, ...chosen] = process.argv.slice(2);
const { default: fs } = await import(module);
const store = new AsyncLocalStorage();
const say = (line) => console.log(line);
/** Where each error was thrown. */
const ids = new Map();
const stores = new Map();

function fail(message) {
  ids.set(message, executionAsyncId());
  stores.set(message, store.getStore());
  throw new Error(message);
}

/** Makes folders in one turn, and lets the loop go on when all of them are there: their ends come at once. */
async function together(count, callback) {
  const paths = Array.from({ length: count }, () =>
    path.join(folder, `${++made}`),
  );
  let called = 0;
  await new Promise((resolve) => {
    for (const [i, at] of paths.entries())
      store.run(`store ${i}`, () =>
        fs.mkdir(at, () => {
          if (called + 1 === count) setImmediate(resolve);
          callback(called++, `store ${i}`);
        }),
      );
    process.nextTick(() => {
      while (!paths.every((at) => existsSync(at)));
    });
  });
  await turn();
}
let made = 0;

/** Leaves something behind of each kind, and lets what is left behind leave more. */
function leave(n) {
  process.nextTick(() => {
    say(`${n} tick`);
    Promise.resolve().then(() => say(`${n} job of its tick`));
  });
  Promise.resolve().then(() => {
    say(`${n} job`);
    process.nextTick(() => say(`${n} tick of its job`));
  });
}

const surfaces = () =>
  process.on("uncaughtException", ({ message }) => {
    const id = executionAsyncId() === ids.get(message);
    const own = store.getStore() === stores.get(message);
    say(
      `${message} surfaces in its own store: ${own}, its own resource: ${id}`,
    );
  });

const scenarios = {
  async together() {
    await together(6, (n) => {
      say(`${n} called`);
      leave(n);
    });
  },

  async woken() {
    const done = new Promise((resolve) => {
      fs.readFile(fifo, () => {
        say("called");
        leave("woken");
        setImmediate(resolve);
      });
    });
    for (let i = 0; i < 1000; i++) await turn();
    const fd = openSync(fifo, "w");
    writeSync(fd, "text");
    closeSync(fd);
    await done;
  },

  async composite() {
    const file = path.join(folder, "large");
    const data = new Uint8Array(3 << 20);
    let left = 4;
    await new Promise((resolve) => {
      for (let i = 0; i < 4; i++)
        fs.writeFile(`${file}${i}`, data, () => {
          const n = 4 - left;
          say(`${n} called`);
          leave(n);
          if (--left === 0) setImmediate(resolve);
        });
    });
  },

  async throwing() {
    surfaces();
    const ticks = [];
    await together(4, (n, own) => {
      say(`${n} called in its store: ${store.getStore() === own}`);
      process.nextTick(() =>
        ticks.push(`${n} tick in its store: ${store.getStore() === own}`),
      );
      fail(`error ${n}`);
    });
    ticks.sort().forEach(say);
  },

  async throwingTicks() {
    surfaces();
    await together(4, (n) => {
      say(`${n} called`);
      process.nextTick(() => fail(`error ${n}`));
    });
  },

  async throwingInHooks() {
    const hook = createHook({ init() {}, before() {}, after() {} }).enable();
    await this.throwing();
    hook.disable();
  },

  async throwingInStream() {
    surfaces();
    const file = path.join(folder, "file");
    fs.writeFileSync(file, "text");
    store.run("of the stream", () => {
      fs.createReadStream(file).on("data", () => {
        fail("error of a listener");
      });
    });
    await once(process, "uncaughtException");
  },

  async stores() {
    process.on("uncaughtException", ({ message }) =>
      say(`in its own store: ${store.getStore() === stores.get(message)}`),
    );
    await together(4, (n) => fail(`error ${n}`));
    await turn();
  },

  async awaited() {
    // Which of two calls ends first is nobody's promise.
    const lines = await Promise.all(
      ["a", "b"].map((name) =>
        store.run(name, async () => {
          await fs.promises.stat(folder);
          const goesOn = `${name} goes on in ${store.getStore()}`;
          await fs.promises.stat(`${folder}/none`).catch(() => {});
          return [goesOn, `${name} fails in ${store.getStore()}`];
        }),
      ),
    );
    for (const line of lines.flat()) say(line);
  },
};

// By then the threads or workers are awake.
await fs.promises.stat(folder);
await turn();
for (const scenario of chosen) {
  say(`# ${scenario}`);
  await scenarios[scenario]();
  process.removeAllListeners("uncaughtException");
}
