// Handles that were never closed, in processes of their own: whether the descriptor is closed when they are collected, and what is
// reported, on node:fs and on the built package.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const file = folder.file("file", "some text\nand more\n".repeat(10_000));
const dist = path.resolve(import.meta.dirname, "../../../dist");
const ours = pathToFileURL(path.join(dist, "promises.js")).href;

/** Prints what happened until the descriptor was closed, or was not for long. */
const program = folder.file(
  "program.mjs",
  `import nodeFs from "node:fs";
  const [subject, use] = process.argv.slice(2);
  const { default: fs } = await import(subject);
  const events = [];
  process.on("warning", ({ name, code, message }) => events.push([name, code, message]));
  if (!process.execArgv.includes("--no-warnings"))
    process.on("uncaughtException", (error, origin) => events.push([origin, { ...error }, String(error)]));
  process.on("exit", (code) => console.log(JSON.stringify([...events, ["exit", code]])));
  const uses = {
    nothing: () => {},
    read: (handle) => handle.read(Buffer.alloc(10)),
    stream: (handle) => void handle.createReadStream(),
    "stream of Node's": (handle) => void nodeFs.createReadStream(null, { fd: handle }),
    "web stream": (handle) => void handle.readableWebStream(),
    "paused stream": async (handle) => {
      const stream = handle.createReadStream();
      await new Promise((resolve) => stream.once("data", () => resolve(stream.pause())));
    },
  };
  const links = () => nodeFs.readdirSync("/proc/self/fd").map((fd) => {
    try { return nodeFs.readlinkSync("/proc/self/fd/" + fd); } catch {}
  });
  async function leave() {
    const handle = await fs.open(Buffer.from("./file"));
    handle.on("close", () => events.push(["close"]));
    await uses[use](handle);
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (let i = 0; i < 2; i++) {
    await leave();
    for (let turns = 0; turns < 2000 && links().includes(${JSON.stringify(file)}); turns++, await turn()) gc();
    for (let turns = 0; turns < 20; turns++) await turn();
    events.push([links().includes(${JSON.stringify(file)}) ? "open" : "closed"]);
  }`,
);

function run(subject: string, use: string, flag: string): unknown {
  const flags = ["--expose-gc", ...(flag === "" ? [] : [flag])];
  const { stdout, status } = spawnSync(
    process.execPath,
    [...flags, program, subject, use],
    { cwd: folder.path, encoding: "utf8" },
  );
  const events = stdout.replaceAll(/descriptor:? \d+/g, "descriptor N");
  // Without an exit: Node 20 dies of a web stream that is collected.
  return events === "" ? "died" : [JSON.parse(events), status];
}

const uses = [
  ...["nothing", "read", "stream", "stream of Node's", "web stream"],
  "paused stream",
];

it.runIf(fs.existsSync("/proc/self/fd")).each(
  uses
    .map((use) => [use, ""])
    .concat([
      ["nothing", "--no-warnings"],
      ["nothing", "--throw-deprecation"],
    ]),
)("a handle with %s %s ends as Node's does", (use, flag) => {
  const plain = run("node:fs/promises", use, flag);
  const own = run(ours, use, flag);
  if (plain !== "died") expect(own).toEqual(plain);
  // By an uncaught error, since Node 25, or with what was left closed.
  expect(JSON.stringify(own)).toMatch(/\["exit",1\]|"closed"/);
  expect(JSON.stringify(own)).not.toContain('"open"');
});
