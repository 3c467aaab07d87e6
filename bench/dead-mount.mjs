// Does a dead mount cost others anything? Latencies of reads elsewhere, dns.lookup and an HTTP server
// that reads a file per response, without and with a mounted file system that no longer responds and
// more hung requests on it than its lane may have. In turn, several rounds, each case in a process of its own.
//
// Run as root: node bench/dead-mount.mjs [rounds] [backend]
import { execFileSync, spawn } from "node:child_process";
import dns from "node:dns/promises";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const HUNG = 200;
const CASE_MS = 2000;
const CONNECTIONS = 8;
const self = fileURLToPath(import.meta.url);
const script = path.resolve(self, "../../test/support/mortal-fs.py");

if (process.argv[2] === "case") await runCase(process.argv[3], process.argv[4]);
else await compare(Number(process.argv[2] ?? 5), process.argv[3] ?? "auto");

async function compare(rounds, backend) {
  console.log(
    `${os.cpus()[0]?.model}, ${os.cpus().length} processors, Linux ${os.release()}, Node ${process.version}, ` +
      `backend ${backend}, load ${os.loadavg()[0]?.toFixed(1)}, ${rounds} rounds of ${CASE_MS} ms, ${HUNG} hung requests`,
  );
  const runs = { alive: [], dead: [] };
  for (let round = 0; round < rounds; round++)
    for (const which of round % 2 === 0 ? ["alive", "dead"] : ["dead", "alive"])
      runs[which].push(
        JSON.parse(
          execFileSync(process.execPath, [self, "case", which, backend], {
            encoding: "utf8",
          }),
        ),
      );
  for (const what of Object.keys(runs.alive[0])) {
    const medianOf = (which, key) =>
      median(runs[which].map((run) => run[what][key]));
    const line = ["p50", "p99"].map((key) => {
      const [alive, dead] = [medianOf("alive", key), medianOf("dead", key)];
      return `${key} ${alive.toFixed(2)} -> ${dead.toFixed(2)} ms (${(dead / alive).toFixed(2)})`;
    });
    console.log(`${what.padEnd(6)} ${line.join("   ")}`);
  }
}

async function runCase(which, backend) {
  const { createEio } = await import("node-eio");
  const eio = createEio({ backend, isolateMounts: true });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-bench-"));
  const point = path.join(folder, "mount");
  const file = path.join(folder, "file");
  fs.mkdirSync(point);
  fs.writeFileSync(file, Buffer.alloc(4096, 1));
  const server = spawn("python3", [script, point], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  await lines.next();
  if (which === "dead") {
    server.stdin.write("stop\n");
    await lines.next();
    for (let i = 0; i < HUNG; i++)
      eio.promises.stat(path.join(point, `file-${i % 64}`)).catch(() => {});
  }
  const web = http.createServer((_request, response) => {
    void eio.promises.readFile(file).then((data) => response.end(data));
  });
  await new Promise((resolve) => web.listen(0, "127.0.0.1", resolve));
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const get = () =>
    new Promise((resolve, reject) =>
      http
        .get({ port: web.address().port, agent }, (response) => {
          response.resume().on("end", resolve);
        })
        .on("error", reject),
    );
  // Threads take a while to start; the comparison is of the steady state, not of the start.
  await measure(() => eio.promises.readFile(file));
  const results = {
    read: await measure(() => eio.promises.readFile(file)),
    dns: await measure(() => dns.lookup("localhost")),
    http: await measure(get),
  };
  process.stdout.write(JSON.stringify(results));
  server.stdin.end();
  await new Promise((resolve) => server.once("close", resolve));
  fs.rmSync(folder, { recursive: true });
  process.exit(0);
}

async function measure(what) {
  const latencies = [];
  const end = performance.now() + CASE_MS / 3;
  const client = async () => {
    for (let now = performance.now(); now < end;) {
      await what();
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)];
  return { p50: at(0.5), p99: at(0.99) };
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
