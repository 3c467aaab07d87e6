// A process whose last business is to close a handle that an abandoned request still works on: it stays alive
// until the handle is closed, as it would with Node's own.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { expect, it } from "vitest";
import { listBackends } from "../../../src/backends/select.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const door = new URL("../../../dist/index.js", import.meta.url).href;
const { O_RDWR, O_NONBLOCK } = fs.constants;
const PIPE_BYTES = 65536;

/** Its write waits for room in a pipe that is full. */
const program = `
  const { createEio } = await import(process.argv[1]);
  const eio = createEio({ backend: process.argv[2] });
  const handle = await eio.promises.open(process.argv[3], "r+");
  const ending = new AbortController();
  const writing = handle.write(Buffer.from("x"), { signal: ending.signal });
  while (eio.nready !== 0 || eio.nthreads === 0)
    await new Promise((resolve) => setImmediate(resolve));
  ending.abort();
  await writing.catch(({ name }) => console.log(name));
  await handle.close();
  console.log("closed");`;

const backends = (["threads", "pool"] as const).filter(
  (name) => listBackends()[name].available,
);

it.each(backends)("on %s it is closed, and only then ends", async (backend) => {
  const pipe = folder.join(`pipe-${backend}`);
  execFileSync("mkfifo", [pipe]);
  const fd = fs.openSync(pipe, O_RDWR | O_NONBLOCK);
  fs.writeSync(fd, Buffer.alloc(PIPE_BYTES));
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", program, door, backend, pipe],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") fs.readSync(fd, Buffer.alloc(PIPE_BYTES));
    output += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  fs.closeSync(fd);
  expect({ code, output }).toEqual({ code: 0, output: "AbortError\nclosed\n" });
});
