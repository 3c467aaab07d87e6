// Where a sandbox denies the calls that the kernel copies with (sendfile, copy_file_range, splice), copies are made by
// reads and writes, with and without native code. The refusals are real: a seccomp filter.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { compilerMissing } from "../helpers/compile.ts";
import { testFolder } from "../helpers/files.ts";

const here = import.meta.dirname;
const door = (name: string): string =>
  JSON.stringify(path.resolve(here, `../../dist/${name}.js`));
const skip = compilerMissing();
const folder = testFolder();
const deny = folder.join("deny");
const calls = "SYS_sendfile,SYS_copy_file_range,SYS_splice";
if (skip === null)
  execFileSync("cc", [`-DDENIED=${calls}`, "-o", deny, `${here}/deny.c`]);

const data = Buffer.alloc((3 << 20) + 1, "0123456789abcdef\n");
const file = folder.file("source", data);

/** In a process of its own: each way to copy a file, and whether the copy is one. */
const program = `
  import fs from "node:fs";
  import net from "node:net";
  const { eio } = await import(${door("index")});
  const { eio_copy, eio_sendfile } = await import(${door("eio")});
  const [src, at] = process.argv.slice(1);
  const data = fs.readFileSync(src);
  const outcomes = {};
  const attempt = async (name, copy) => {
    outcomes[name] = await copy(at + "/" + name).then(
      (copied = fs.readFileSync(at + "/" + name)) => copied.equals(data),
      (error) => error.message,
    );
  };
  const settled = (start) => new Promise((resolve, reject) =>
    start(0, (req) => req.result < 0 ? reject(new Error(req.errorno)) : resolve()));

  await attempt("node", async (to) => fs.copyFileSync(src, to));
  await attempt("copyFile", (to) => eio.promises.copyFile(src, to));
  fs.writeFileSync(at + "/there", "it is written over");
  await attempt("there", (to) => eio.promises.copyFile(src, to));
  await attempt("cp", (to) => eio.promises.cp(src, to));
  const wd = await eio.wd(at);
  await attempt("wd", (to) => wd.promises.copyFile(src, "wd"));
  await attempt("eio_copy", (to) => settled((...tail) => eio_copy(src, to, ...tail)));
  await attempt("eio_sendfile", async (to) => {
    const fds = [fs.openSync(to, "w"), fs.openSync(src)];
    await settled((...tail) => eio_sendfile(...fds, 0, data.byteLength, ...tail));
    fds.forEach((fd) => fs.closeSync(fd));
  });
  await attempt("sendfile from where the source is", async (to) => {
    const fds = [fs.openSync(to, "w"), fs.openSync(src)];
    while ((await eio.sys.sendfile(...fds, null, data.byteLength)) > 0);
    fds.forEach((fd) => fs.closeSync(fd));
  });
  await attempt("sendFile", () => new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on("error", reject);
      eio.sendFile(socket, src, { finish: true }).catch(reject);
      server.close();
    });
    server.listen(at + "/socket", () => {
      const parts = [];
      net.connect(at + "/socket").on("data", (part) => parts.push(part))
        .on("end", () => resolve(Buffer.concat(parts)));
    });
  }));
  await attempt("onlyNew", (to) => eio.promises.copyFile(src, at + "/cp", fs.constants.COPYFILE_EXCL));
  await attempt("noFolder", (to) => eio.promises.copyFile(src, at + "/none/new"));
  console.log(JSON.stringify(outcomes));`;

let made = 0;

function run(errno: number, env: Record<string, string>): unknown {
  const at = folder.join(String(made++));
  fs.mkdirSync(at);
  const { stdout, stderr } = spawnSync(
    deny,
    [String(errno), process.execPath, "--input-type=module", "-e"].concat(
      program,
      file,
      at,
    ),
    { encoding: "utf8", env: { ...process.env, ...env } },
  );
  expect(stderr).toBe("");
  const text = stdout.replaceAll(at, "AT").replaceAll(file, "SRC");
  fs.rmSync(at, { recursive: true });
  return JSON.parse(text);
}

const ways = ["threads", "pool", "nowait", "uring", "aio", "auto"].map(
  (NODE_EIO_BACKEND) => ({ NODE_EIO_BACKEND, NODE_EIO_NATIVE: "1" }),
);
const portable = { NODE_EIO_BACKEND: "pool", NODE_EIO_NATIVE: "0" };

describe.skipIf(skip !== null).each([
  ["ENOSYS", 38],
  ["EPERM", 1],
])("sendfile, copy_file_range and splice denied with %s", (code, errno) => {
  it.each([...ways, portable])("copies are whole: %o", (env) => {
    expect(run(errno, env)).toEqual({
      node: expect.stringContaining(code) as string,
      copyFile: true,
      there: true,
      cp: true,
      wd: true,
      eio_copy: true,
      eio_sendfile: true,
      "sendfile from where the source is": true,
      sendFile: true,
      onlyNew: "EEXIST: file already exists, copyfile 'SRC' -> 'AT/cp'",
      noFolder:
        "ENOENT: no such file or directory, copyfile 'SRC' -> 'AT/none/new'",
    });
  });
});
