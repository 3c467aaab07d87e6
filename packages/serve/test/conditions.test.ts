// Conditional and range requests: what we answer, and, request by request, what nginx does on the same folder.
import {
  execFileSync,
  spawn,
  spawnSync,
  type ChildProcess,
} from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange, type Answer } from "../../../test/helpers/raw-http.ts";
import { cases, type Case, type Tags } from "./requests.ts";
import { makeSite, serveSite } from "./site.ts";

const site = makeSite();
let ours: number;
beforeAll(async () => {
  ours = (await serveSite(site)).port;
});

const nameOf = ({ line, headers }: Case): string =>
  `${line} ${JSON.stringify(headers?.({ etag: "TAG" }) ?? {})}`;
const named = cases.map((one): [string, Case] => [nameOf(one), one]);

async function ask(port: number, { line, headers }: Case): Promise<Answer> {
  const tags = await tagsOf(port, line.split(" ")[1]!);
  const [answer] = await exchange(port, [line, headers?.(tags) ?? {}]);
  return answer!;
}

async function tagsOf(port: number, url: string): Promise<Tags> {
  const [answer] = await exchange(port, [`HEAD ${url}`]);
  return { etag: answer!.headers["etag"] ?? '"none"' };
}

interface Part {
  type: string | undefined;
  range: string | undefined;
  body: Buffer;
}

/** The parts of a multipart answer; one for any other. */
function partsOf({ headers, body }: Answer): Part[] {
  const type = headers["content-type"];
  const [, boundary] =
    /^multipart\/byteranges; boundary=(\S+)$/.exec(type ?? "") ?? [];
  if (boundary === undefined)
    return [{ type, range: headers["content-range"], body }];
  const parts: Part[] = [];
  let rest = body;
  const opening = Buffer.from(`\r\n--${boundary}`);
  expect(rest.indexOf(opening)).toBe(0);
  for (;;) {
    rest = rest.subarray(opening.length);
    if (rest.toString("latin1") === "--\r\n") return parts;
    const head = rest.indexOf("\r\n\r\n");
    const lines = rest.toString("latin1", 2, head).split("\r\n");
    const find = (name: string): string | undefined =>
      lines
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2);
    const end = rest.indexOf(opening);
    if (end === -1) throw new Error("a part has no end");
    parts.push({
      type: find("Content-Type"),
      range: find("Content-Range"),
      body: rest.subarray(head + 4, end),
    });
    rest = rest.subarray(end);
  }
}

describe("we answer", () => {
  it.each(named)("%s", async (_name, one) => {
    const answer = await ask(ours, one);
    expect(answer.status).toBe(one.status);
    const name = one.line.split(" ")[1]!.slice(1);
    const file = site.files[name];
    if (file === undefined) return;
    const { status, headers } = answer;
    if (status === 304) {
      expect(headers["content-length"]).toBe(undefined);
      expect(headers["etag"]).toMatch(/^"/);
    }
    if (status === 416)
      expect(headers["content-range"]).toBe(`bytes */${file.length}`);
    if (one.range === undefined) return;
    const wanted = [one.range].flat();
    const parts = partsOf(answer);
    expect(parts.map(({ range }) => range)).toEqual(
      wanted.map((range) => `bytes ${range}/${file.length}`),
    );
    for (const [i, range] of wanted.entries()) {
      const [start = 0, end = 0] = range.split("-").map(Number);
      expect(parts[i]!.body.equals(file.subarray(start, end + 1))).toBe(true);
    }
  });

  it("one part more than is allowed with the whole", async () => {
    const { port } = await serveSite(site, { maxRanges: 3 });
    const withRanges = (count: number): Promise<Answer> =>
      ask(port, {
        line: "GET /plain.txt",
        headers: () => ({
          range: `bytes=${Array.from({ length: count }, (_, i) => `${i}-${i}`).join()}`,
        }),
        status: 0,
      });
    expect((await withRanges(3)).status).toBe(206);
    expect((await withRanges(4)).status).toBe(200);
  });
});

const noNginx = spawnSync("nginx", ["-v"]).error
  ? "nginx is not installed"
  : null;
if (noNginx !== null) console.log(`left out: nginx's responses (${noNginx})`);

describe.skipIf(noNginx !== null)("nginx responds the same", () => {
  let nginx: ChildProcess | undefined;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const folder = site.folder.join("nginx");
    fs.mkdirSync(folder);
    const config = `${folder}/nginx.conf`;
    fs.writeFileSync(config, configOf(site.root, folder, port));
    // Its workers have a name of their own, and have to be let in.
    execFileSync("chmod", ["-R", "a+rX", site.folder.path]);
    nginx = spawn(
      "nginx",
      ["-p", folder, "-c", config, "-e", `${folder}/error.log`],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    while (!(await listens(port))) {
      if (nginx.exitCode !== null) throw new Error("nginx did not start");
    }
  });
  afterAll(async () => {
    if (nginx === undefined || nginx.exitCode !== null) return;
    nginx.kill("SIGTERM");
    await once(nginx, "exit");
  });

  it("gets enough requests", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    expect(cases.filter(({ differs }) => differs).length).toBeLessThan(10);
  });

  it.each(named)("%s", async (_name, one) => {
    const [a, b] = [await ask(ours, one), await ask(port, one)];
    if (one.differs !== undefined) {
      expect(comparable(b), `it does not differ (${one.differs})`).not.toEqual(
        comparable(a),
      );
      return;
    }
    expect(comparable(a)).toEqual(comparable(b));
    const [ourParts, theirs] = [partsOf(a), partsOf(b)];
    expect(ourParts.length).toBe(theirs.length);
    if (a.status >= 300) return;
    for (const [i, part] of ourParts.entries()) {
      expect(part.range).toBe(theirs[i]!.range);
      expect(part.body.equals(theirs[i]!.body)).toBe(true);
    }
  });

  /** What has to be the same; of pages of their own servers may write what they like. */
  function comparable({ status, headers }: Answer): Record<string, unknown> {
    const isFile = status === 200 || status === 206;
    const type = headers["content-type"]?.replace(/boundary=\S+/, "boundary");
    return {
      status,
      "content-range": headers["content-range"],
      location: headers["location"],
      "last-modified": headers["last-modified"],
      tagged: headers["etag"] !== undefined,
      ...(isFile
        ? {
            "content-length": headers["content-length"],
            "accept-ranges":
              status === 200 ? headers["accept-ranges"] : undefined,
            type,
          }
        : {}),
      ...(status === 304
        ? { "content-length": headers["content-length"] }
        : {}),
    };
  }
});

function configOf(root: string, folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join("\n");
  return `daemon off;
worker_processes 1;
pid ${folder}/pid;
events { worker_connections 64; }
http {
${temporary}
access_log off;
absolute_redirect off;
if_modified_since before;
charset utf-8;
charset_types text/html text/plain text/css text/javascript;
default_type application/octet-stream;
types { text/html html; text/plain txt; text/css css; text/javascript js; application/json json; }
server { listen 127.0.0.1:${port}; root ${root}; }
}
`;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
