// Files of node:vfs, where the release has it, in a process of their own: with register they are read and written as
// without.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

const FLAG = "--experimental-vfs";
const program = `
  import fs from "node:fs";
  import promises from "node:fs/promises";
  import { pathToFileURL } from "node:url";
  import { promisify } from "node:util";
  import vfs from "node:vfs";
  const files = vfs.create();
  files.writeFileSync("/a", "content");
  const root = files.mount();
  const a = root + "/a";
  const fd = fs.openSync(a, "r+");
  const text = async (stream) => {
    let all = "";
    for await (const chunk of stream) all += chunk;
    return all;
  };
  const tries = {
    readFile: () => promises.readFile(a, "utf8"),
    url: () => promises.readFile(pathToFileURL(a), "utf8"),
    bytes: () => promises.readFile(Buffer.from(a), "utf8"),
    callback: () => promisify(fs.readFile)(a, "utf8"),
    descriptor: async () => (await promisify(fs.read)(fd, Buffer.alloc(4), 0, 4, 0)).bytesRead,
    size: async () => (await promises.stat(a)).size,
    native: () => promisify(fs.realpath.native)(a),
    list: () => promises.readdir(root),
    stream: () => text(fs.createReadStream(a)),
    write: async () => (await promises.writeFile(root + "/b", "x"), fs.readFileSync(root + "/b", "utf8")),
    handle: async () => {
      await using handle = await promises.open(a);
      return handle.readFile("utf8");
    },
    real: async () => (await promises.stat("/dev/null")).isCharacterDevice(),
    missing: () => promises.readFile(root + "/c"),
  };
  const found = {};
  for (const [name, run] of Object.entries(tries))
    found[name] = await run().catch(({ code, message }) => [code, message]);
  console.log(JSON.stringify(found));`;

function outcome(...flags) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [FLAG, "--no-warnings", ...flags, "--input-type=module", "-e", program],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

if (process.allowedNodeEnvironmentFlags.has(FLAG)) {
  const register = import.meta.resolve("node-eio/register");
  const [plain, registered] = [outcome(), outcome("--import", register)];
  assert.equal(plain.readFile, "content");
  assert.deepEqual(registered, plain);
}
console.log(`smoke ok on Node ${process.versions.node} (node:vfs)`);
