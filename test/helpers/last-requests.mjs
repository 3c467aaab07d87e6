// Ten-line programs that end, or block their thread, right after a request: the same on node:fs and on the
// package. Each prints what was written in which order; only the module it is given differs.
import { setTimeout as delay } from "node:timers/promises";

const [module, name, warm, file] = process.argv.slice(2);
const fs = await import(module);
const STDOUT = 1;
/** What is waited for comes; a program that hangs would not end. */
const PATIENCE_MS = 60_000;
const block = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};
const never = () => fs.writeSync(STDOUT, "called back\n");

const programs = {
  exit() {
    fs.write(STDOUT, "written\n", never);
    process.exit(0);
  },
  exitWithMany() {
    const fd = fs.openSync(file, "w");
    for (let i = 0; i < 1000; i++) fs.write(fd, "x", i, never);
    process.exit(0);
  },
  /** Far more than shared memory has room for. */
  exitWithLarge() {
    fs.write(fs.openSync(file, "w"), Buffer.alloc(5 << 20, "x"), never);
    process.exit(0);
  },
  exitWithLargeText() {
    fs.write(fs.openSync(file, "w"), "\u00e9".repeat(2 << 20), never);
    process.exit(0);
  },
  exitOfACallback() {
    fs.stat(".", () => {
      fs.write(STDOUT, "written\n", never);
      process.exit(0);
    });
  },
  /** As programs do that give their tests another pid. */
  exitOfAnotherProcess() {
    const { exit } = process;
    globalThis.process = { __proto__: process, pid: 1 };
    fs.write(STDOUT, "written\n", never);
    exit.call(process, 0);
  },
  exitByAnError() {
    process.on("uncaughtException", () => process.exit(0));
    fs.write(STDOUT, "written\n", never);
    throw new Error("of the program");
  },
  blocked() {
    fs.write(STDOUT, "first\n", () => fs.writeSync(STDOUT, "third\n"));
    block(100);
    fs.writeSync(STDOUT, "second\n");
  },
  /** Each is done, though the loop gets no turn before they all are. */
  blockedUntilDone() {
    const made = Array.from({ length: 6 }, (_, i) => `${file}-${i}`);
    for (const path of made) fs.mkdir(path, () => {});
    const there = () => made.filter((path) => fs.existsSync(path)).length;
    const end = performance.now() + PATIENCE_MS;
    while (there() < made.length && performance.now() < end) block(1);
    fs.writeSync(STDOUT, `${there()} are there\n`);
  },
  writesBlockedUntilDone() {
    const fds = Array.from({ length: 10 }, (_, i) =>
      fs.openSync(`${file}-${i}`, "w"),
    );
    for (const fd of fds) fs.write(fd, "text", 0, () => {});
    const written = () => fds.filter((fd) => fs.fstatSync(fd).size === 4);
    const end = performance.now() + PATIENCE_MS;
    while (written().length < fds.length && performance.now() < end) block(1);
    fs.writeSync(STDOUT, `${written().length} are written\n`);
  },
  largeWriteBlockedUntilDone() {
    const fd = fs.openSync(file, "w");
    fs.write(fd, Buffer.alloc(5 << 20, "x"), () => {});
    const size = () => fs.fstatSync(fd).size;
    const end = performance.now() + PATIENCE_MS;
    while (size() < 5 << 20 && performance.now() < end) block(1);
    fs.writeSync(STDOUT, `${size()} bytes are there\n`);
  },
  async blockedInACallback() {
    await delay(1);
    fs.stat(".", programs.blocked);
  },
};

if (warm === "warm")
  await new Promise((resolve) => fs.access(".", () => resolve()));
await programs[name]();
