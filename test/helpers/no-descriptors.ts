// Lives of a process that has no descriptor left, one per name, with sources that have no texts of modules beside them, as in
// an application's bundle. Started by no-descriptors.test.ts with few descriptors; prints one line of JSON.
import fs from "node:fs";
import { createEio } from "../../src/api/create.ts";
import type { BackendChoice } from "../../src/backends/select.ts";

const [name, backend, file] = process.argv.slice(2) as [
  string,
  BackendChoice,
  string,
];
const held: number[] = [];
function fill(): void {
  try {
    for (;;) held.push(fs.openSync("/dev/null", "r"));
  } catch {
    // That was the last.
  }
}
const free = (): void => held.splice(0).forEach((fd) => fs.closeSync(fd));
const say = (result: unknown): void =>
  void fs.writeSync(1, `${JSON.stringify(result)}\n`);
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "ok",
    (error: NodeJS.ErrnoException) => error.code,
  );

const eio = createEio({ backend });
const lives: Record<string, () => Promise<void> | void> = {
  async failing() {
    fill();
    const short = [];
    for (let i = 0; i < 3; i++)
      short.push(await codeOf(eio.promises.stat(file)));
    free();
    const text = await eio.promises.readFile(file, "utf8");
    await eio.close();
    say({ short, text });
  },

  async closedWhileShort() {
    fill();
    await codeOf(eio.promises.stat(file));
    await eio.close();
    say("closed");
  },

  closedInCallback() {
    const { stat } = eio.eio;
    stat(file, 0, async ({ result }) => {
      await eio.close();
      say({ result });
    });
  },
};
await lives[name]!();
