// A process whose last business is to close a handle that an abandoned request still works on: it stays alive
// until the handle is closed, as it would with Node's own.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { expect, it } from "vitest";
import { loadNative } from "../../../src/backends/native.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { bundle } from "../../helpers/bundle.mjs";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const program = bundle("test/helpers/closing.ts");
const native = loadNative();
/** A bundled program finds no addon by itself. */
const env = {
  ...process.env,
  ...(native.addon === null ? {} : { NODE_EIO_NATIVE: native.file }),
};
const { O_RDWR, O_NONBLOCK } = fs.constants;
const PIPE_BYTES = 65536;

const backends = (["threads", "pool"] as const).filter(
  (name) => listBackends()[name].available,
);

it.each(backends)("on %s it is closed, and only then ends", async (backend) => {
  const pipe = folder.join(`pipe-${backend}`);
  execFileSync("mkfifo", [pipe]);
  const fd = fs.openSync(pipe, O_RDWR | O_NONBLOCK);
  fs.writeSync(fd, Buffer.alloc(PIPE_BYTES));
  const child = spawn(process.execPath, [program, backend, pipe], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (text.includes("waiting")) fs.readSync(fd, Buffer.alloc(PIPE_BYTES));
    output += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  fs.closeSync(fd);
  expect({ code, output }).toEqual({
    code: 0,
    output: "AbortError\nwaiting\nclosed\n",
  });
});
