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

/** In a process of their own: each way to copy a file, and whether the copy is one, on each of the backends. */
const program = `
  import fs from "node:fs";
  import net from "node:net";
  const { createEio } = await import(${door("index")});
  const [src, base, ...backends] = process.argv.slice(1);
  const data = fs.readFileSync(src);
  const outcomesOf = {};
  for (const backend of backends) {
  const eio = createEio({ backend });
  const at = base + "/" + backend;
  fs.mkdirSync(at);
  const outcomes = (outcomesOf[backend] = {});
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
  await attempt("eio_copy", (to) => settled((...tail) => eio.eio.copy(src, to, ...tail)));
  await attempt("eio_sendfile", async (to) => {
    const fds = [fs.openSync(to, "w"), fs.openSync(src)];
    await settled((...tail) => eio.eio.sendfile(...fds, 0, data.byteLength, ...tail));
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
  await wd.close();
  await eio.close();
  }
  console.log(JSON.stringify(outcomesOf));`;

interface Way {
  NODE_EIO_BACKEND: string;
  NODE_EIO_NATIVE: string;
}
const ways = ["threads", "pool", "nowait", "uring", "aio", "auto"].map(
  (NODE_EIO_BACKEND): Way => ({ NODE_EIO_BACKEND, NODE_EIO_NATIVE: "1" }),
);
const portable: Way = { NODE_EIO_BACKEND: "pool", NODE_EIO_NATIVE: "0" };

/** By errno and native code or none: the outcomes of all backends come from one process. */
const ran = new Map<string, Record<string, unknown>>();

function outcomeOf(
  errno: number,
  { NODE_EIO_BACKEND, NODE_EIO_NATIVE }: Way,
): unknown {
  const which = `${errno}-${NODE_EIO_NATIVE}`;
  let outcomes = ran.get(which);
  if (outcomes === undefined) {
    outcomes = run(errno, folder.join(which), NODE_EIO_NATIVE);
    ran.set(which, outcomes);
  }
  return outcomes[NODE_EIO_BACKEND];
}

function run(
  errno: number,
  base: string,
  NODE_EIO_NATIVE: string,
): Record<string, unknown> {
  fs.mkdirSync(base);
  const backends = [...ways, portable]
    .filter((way) => way.NODE_EIO_NATIVE === NODE_EIO_NATIVE)
    .map((way) => way.NODE_EIO_BACKEND);
  const { stdout, stderr } = spawnSync(
    deny,
    [String(errno), process.execPath, "--input-type=module", "-e"].concat(
      program,
      file,
      base,
      backends,
    ),
    { encoding: "utf8", env: { ...process.env, NODE_EIO_NATIVE } },
  );
  expect(stderr).toBe("");
  const text = backends
    .reduce((text, name) => text.replaceAll(`${base}/${name}`, "AT"), stdout)
    .replaceAll(file, "SRC");
  fs.rmSync(base, { recursive: true });
  return JSON.parse(text) as Record<string, unknown>;
}

describe.skipIf(skip !== null).each([
  ["ENOSYS", 38],
  ["EPERM", 1],
])("sendfile, copy_file_range and splice denied with %s", (code, errno) => {
  it.each([...ways, portable])("copies are whole: %o", (env) => {
    expect(outcomeOf(errno, env)).toEqual({
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
