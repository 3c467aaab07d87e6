// What a process lists as active under register, in processes of their own: the same as on node:fs.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { listBackends } from "../../../src/backends/select.ts";
import { testFolder } from "../../helpers/files.ts";

const door = path.resolve(import.meta.dirname, "../../../dist/register.js");
const folder = testFolder();

type Answer = Record<string, unknown>;

function output(program: string, flags: string[], backend = "auto"): Answer {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, "--input-type=module", "--eval", program],
    {
      cwd: folder.join("."),
      encoding: "utf8",
      env: { ...process.env, NODE_EIO_BACKEND: backend },
    },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Answer;
}

const registered = ["--import", pathToFileURL(door).href];
const backends = Object.entries(listBackends())
  .filter(([name, { available }]) => available && name !== "null")
  .map(([name]) => name);

const PROGRAM = `
  import fs from "node:fs";
  import { getActiveResourcesInfo } from "node:process";
  const isRequest = (name) => name.startsWith("FSReq");
  const requests = () => ({
    named: process.getActiveResourcesInfo().filter(isRequest).sort(),
    imported: getActiveResourcesInfo().filter(isRequest).sort(),
    listed: process._getActiveRequests().map((request) => request.constructor.name).sort(),
  });
  // Whoever loaded the program may be closing a file.
  while (process._getActiveRequests().length > 0) await new Promise(setImmediate);
  const before = requests();
  let called = 0;
  const opened = [];
  for (let i = 0; i < 12; i++)
    fs.open(".", (error, fd) => { opened.push(fd); called++; });
  const promises = [fs.promises.lstat("."), fs.promises.lstat(".")];
  const during = requests();
  await Promise.all(promises);
  while (called < 12) await new Promise(setImmediate);
  opened.forEach((fd) => fs.closeSync(fd));
  const after = Object.values(requests()).flat();
  console.log(JSON.stringify({ before, during, after }));`;

it.each(backends)(
  "a process lists the requests in progress as it lists Node's: %s",
  (backend) => {
    const { before, during, after } = output(PROGRAM, registered, backend);
    const listed = [
      ...Array<string>(12).fill("FSReqCallback"),
      ...Array<string>(2).fill("FSReqPromise"),
    ];
    expect(during).toEqual({ named: listed, imported: listed, listed });
    expect(output(PROGRAM, [])).toMatchObject({ before, during });
    // Node's promises stay in its lists until they are collected.
    expect(after).toEqual([]);
  },
);

it("a listed request says what it does", () => {
  const program = `
    import fs from "node:fs";
    fs.rename("a", "b", () => {});
    const [{ op, path, dest }] = process._getActiveRequests();
    console.log(JSON.stringify({ op, path, dest }));`;
  expect(output(program, registered)).toEqual({
    op: "rename",
    path: "a",
    dest: "b",
  });
});

it("unregister() gives the lists back", () => {
  const program = `
    const lists = () => [process._getActiveRequests, process.getActiveResourcesInfo];
    const nodes = lists();
    const { register, unregister } = await import(${JSON.stringify(registered[1])});
    unregister();
    const given = lists().every((list, i) => list === nodes[i]);
    register();
    const taken = lists().every((list, i) => list !== nodes[i]);
    unregister();
    console.log(JSON.stringify({ given, taken }));`;
  expect(output(program, [])).toEqual({ given: true, taken: true });
});
