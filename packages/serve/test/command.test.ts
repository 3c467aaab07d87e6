// `node-eio serve` as a process: what it says, and how it ends.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, exchange } from "../../../test/helpers/raw-http.ts";
import { makeSite } from "./site.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const cli = path.join(root, "dist/cli.js");
const site = makeSite();

interface Run {
  child: ChildProcess;
  out: string;
  errors: string;
  ended: Promise<[number | null, string | null]>;
}
let run: Run;
afterEach(async () => {
  run.child.kill("SIGKILL");
  await run.ended;
});
beforeAll(() => {
  // What is tested is what is built.
  execFileSync(process.execPath, [cli, "--version"]);
});

const serve = (args: string[], env: Record<string, string> = {}): Run =>
  start([cli, "serve", ...args], env);

function start(args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  run = {
    ...{ child, out: "", errors: "" },
    ended: once(child, "close") as Promise<[number | null, string | null]>,
  };
  const { stdout, stderr } = child;
  const here = run;
  stdout.on("data", (text: Buffer) => (here.out += String(text)));
  stderr.on("data", (text: Buffer) => (here.errors += String(text)));
  return run;
}

async function portOf({ child, ended }: Run): Promise<number> {
  const find = (): string | undefined =>
    / at http:\/\/[^:]+:(\d+)\/ /.exec(run.out)?.[1];
  while (find() === undefined) {
    const more = await Promise.race([once(child.stdout!, "data"), ended]);
    if (more.length === 2 && find() === undefined)
      throw new Error(`it ended: ${run.errors}`);
  }
  return Number(find());
}

async function statusOf(
  port: number,
  path: string,
  host: string,
): Promise<number> {
  const request = http.get({ port, path, headers: { host }, agent: false });
  const [response] = (await once(request, "response")) as [
    http.IncomingMessage,
  ];
  response.resume();
  return response.statusCode!;
}

describe("node-eio serve", () => {
  it("serves, logs, and on a signal ends with what runs", async () => {
    const server = serve([site.root, "--port", "0", "--cache", "60"]);
    const port = await portOf(server);
    const [answer] = await exchange(port, ["GET /plain.txt"]);
    expect(answer!.headers["cache-control"]).toBe("public, max-age=60");
    // A connection that is kept alive does not keep it.
    const idle = connect(port);
    idle.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(idle, "data");
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual([0, null]);
    expect(server.errors).toBe("");
    expect(server.out).toMatch(
      /"GET \/plain\.txt HTTP\/1\.1" 200 20\n.*"GET \/ HTTP\/1\.1" 200 15\n$/,
    );
  });

  it("has a live page, which does not keep it from ending", async () => {
    const server = serve([site.root, "--port", "0"]);
    const port = await portOf(server);
    expect(server.out).toContain(`http://127.0.0.1:${port}/_eio\n`);
    const stream = connect(port);
    stream.write("GET /_eio/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await once(stream, "data");
    expect(await statusOf(port, "/_eio", "localhost")).toBe(200);
    expect(await statusOf(port, "/_eio", "evil.example")).toBe(403);
    expect(await statusOf(port, "/plain.txt", "evil.example")).toBe(200);
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual([0, null]);
  });

  it("has it elsewhere, for all, or not at all", async () => {
    const liveOptions = ["--live", "/inside", "--live-for-all"];
    const host = ["--live-host", "eio.example", "--live-host", "10.0.0.9"];
    let server = serve([site.root, "--port", "0", ...liveOptions, ...host]);
    const port = await portOf(server);
    expect(await statusOf(port, "/inside", "eio.example")).toBe(200);
    expect(await statusOf(port, "/inside", "10.0.0.9")).toBe(200);
    expect(await statusOf(port, "/inside", "evil.example")).toBe(403);
    expect(await statusOf(port, "/_eio", "localhost")).toBe(404);
    server.child.kill("SIGKILL");
    await server.ended;
    server = serve([site.root, "--port", "0", "--no-live"]);
    const other = await portOf(server);
    expect(await statusOf(other, "/_eio", "localhost")).toBe(404);
    expect(server.out).not.toContain("Live page");
  });

  it("logs JSON, or nothing", async () => {
    const server = serve([site.root, "--port", "0", "--log", "json"]);
    await exchange(await portOf(server), ["GET /plain.txt"]);
    server.child.kill("SIGINT");
    expect(await server.ended).toEqual([0, null]);
    const line = server.out.trim().split("\n").at(-1)!;
    expect(JSON.parse(line)).toMatchObject({ url: "/plain.txt", bytes: 20 });
  });

  it("without native code refuses to serve, and says why", async () => {
    const server = serve([site.root, "--port", "0"], {
      NODE_EIO_NATIVE: "off",
    });
    expect(await server.ended).toEqual([1, null]);
    expect(server.errors).toMatch(/Paths cannot be kept.*openat2.*addon/);
    expect(server.errors).toContain("--racy-path-checks");
    expect(server.out).toBe("");
  });

  it("with --racy-path-checks says how paths are kept, and keeps them", async () => {
    const server = serve([site.root, "--port", "0", "--racy-path-checks"], {
      NODE_EIO_NATIVE: "off",
    });
    const port = await portOf(server);
    const statuses = await exchange(
      port,
      ["GET /plain.txt"],
      ["GET /link-inside.txt"],
      ["GET /link-outside.txt"],
      ["GET /link-up/outside.txt"],
      ["GET /link-up/root-too/file.txt"],
    );
    expect(statuses.map(({ status }) => status)).toEqual([
      200, 200, 404, 404, 404,
    ]);
    expect(server.errors).toMatch(/real path.*openat2/);
  });

  it("says that a port is taken", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const server = serve([site.root, "--port", String(port)]);
    expect(await server.ended).toEqual([1, null]);
    expect(server.errors).toContain(`port ${port} is taken`);
    taken.close();
  });

  it.each<[string[], number, RegExp]>([
    [["--help"], 0, /^Usage: node-eio serve/],
    [["--nonsense"], 2, /nonsense[^]*Usage/],
    [["--port", "70000"], 2, /--port takes a number from 0 to 65535/],
    [["--log", "xml"], 2, /--log takes/],
    [["--type", "md"], 2, /--type takes EXT=TYPE/],
    [["a", "b"], 2, /one folder at a time/],
    [["not-a-folder"], 1, /there is no folder "not-a-folder"/],
    [["package.json"], 1, /there is no folder "package.json"/],
    [["--symlinks", "some"], 1, /symlinks/],
    [["--live", "no-slash"], 1, /"path"/],
  ])("%o ends with status %d", async (args, status, text) => {
    const server = serve(args);
    expect(await server.ended).toEqual([status, null]);
    expect(server.out + server.errors).toMatch(text);
  });
});

it("npm start serves the project's documents", async () => {
  const server = start(["scripts/start.mjs", "--port", "0"]);
  const [list, document] = await exchange(
    await portOf(server),
    ["GET /"],
    ["GET /serving.md"],
  );
  expect(String(list!.body)).toContain('href="./serving.md"');
  expect(document!.headers["content-type"]).toBe("text/plain; charset=utf-8");
  server.child.kill("SIGTERM");
  expect(await server.ended).toEqual([0, null]);
});
