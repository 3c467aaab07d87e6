// What is served of a folder, and what is not: requests as bytes, responses taken apart.
import fs from "node:fs";
import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { eio } from "node-eio";
import { exchange, type Answer } from "../../../test/helpers/raw-http.ts";
import { descriptorsBelow } from "../../../test/helpers/files.ts";
import type { ServeOptions } from "../src/options.ts";
import { serveStatic } from "../src/static.ts";
import { makeSite, MODIFIED_TEXT, serveSite, type Serving } from "./site.ts";

const site = makeSite();
let serving: Serving;
beforeAll(async () => {
  serving = await serveSite(site);
});

async function ask(
  line: string,
  headers?: Record<string, string>,
  port = serving.port,
): Promise<Answer> {
  const request = line.includes(" ") ? line : `GET ${line}`;
  const [answer] = await exchange(port, [request, headers]);
  return answer!;
}

const withOptions = async (options: ServeOptions) => {
  const { port } = await serveSite(site, options);
  return (line: string, headers?: Record<string, string>) =>
    ask(line, headers, port);
};

describe("a file", () => {
  it("is sent whole, with what describes it", async () => {
    const { status, headers, body } = await ask("/plain.txt");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": "20",
      "last-modified": MODIFIED_TEXT,
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
    });
    expect(headers["etag"]).toMatch(/^"[\w-]+"$/);
    expect(String(body)).toBe("0123456789abcdefghij");
  });

  it.each([
    "large.bin",
    "empty.txt",
    "no-extension",
    "script.js",
    "per%cent.txt",
    "größe.txt",
    "a name & <b>.txt",
  ])("%s comes as it is", async (name) => {
    const { status, body } = await ask(`/${encodeURIComponent(name)}`);
    expect(status).toBe(200);
    expect(body.equals(site.files[name]!)).toBe(true);
  });

  it.each([
    ["/", "index.html"],
    ["/?q=1", "index.html"],
    ["/sub/", "sub/index.html"],
    ["/./sub/../plain.txt", "plain.txt"],
    ["/sub/..//plain.txt", "plain.txt"],
    ["/sub%2Fother.txt", "sub/other.txt"],
    ["/%70lain.txt?a=/../../b#c", "plain.txt"],
    ["http://x/plain.txt", "plain.txt"],
    ["/.well-known/security.txt", ".well-known/security.txt"],
    ["/link-inside.txt", "plain.txt"],
    ["/link-absolute.txt", "plain.txt"],
    ["/link-folder/", "sub/index.html"],
    ["/link-folder/other.txt", "sub/other.txt"],
  ])("%s is %s", async (url, name) => {
    const { status, body } = await ask(url);
    expect(status).toBe(200);
    expect(body.equals(site.files[name]!)).toBe(true);
  });

  it("to HEAD has all headers and no body", async () => {
    const [head, whole] = await exchange(
      serving.port,
      ["HEAD /large.bin"],
      ["GET /large.bin"],
    );
    const {
      date: _,
      connection: __,
      "keep-alive": ___,
      ...expectedHeaders
    } = head!.headers;
    expect(whole!.headers).toMatchObject(expectedHeaders);
    expect(expectedHeaders["content-length"]).toBe("3000003");
  });
});

describe("a folder", () => {
  it.each([
    ["/sub", "/sub/"],
    ["/sub?a=b&c", "/sub/?a=b&c"],
    ["//sub", "/sub/"],
    ["//evil.example/../sub", "/sub/"],
    ["/bare", "/bare/"],
  ])("%s is redirected to %s", async (url, location) => {
    const { status, headers } = await ask(url);
    expect([status, headers["location"]]).toEqual([301, location]);
  });

  it("without an index is forbidden, and listed with the option", async () => {
    expect((await ask("/bare/")).status).toBe(403);
    const listing = await withOptions({ listing: true });
    const { status, headers, body } = await listing("/bare/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(String(body)).toContain('<a href="./file.txt">file.txt</a>');
    expect(String(body)).toContain('<a href="../">');
  });

  it("is listed with names escaped, hidden ones left out, folders first", async () => {
    const listing = await withOptions({ listing: true, index: false });
    const text = String((await listing("/")).body);
    expect(text).toContain(
      '<a href="./a%20name%20%26%20%3Cb%3E.txt">a name &#38; &#60;b&#62;.txt</a>',
    );
    expect(text).not.toMatch(/hidden|\.git/);
    expect(text.indexOf("sub/")).toBeLessThan(text.indexOf("data.json"));
    expect(text).toMatch(/<html lang="en">[^]*<th scope="col">/);
    expect(text).not.toContain("../");
  });

  it("is listed in pieces where it holds many files, the first by name", async () => {
    const many = `${site.root}/many`;
    fs.mkdirSync(many);
    for (let i = 0; i < 2500; i++) fs.writeFileSync(`${many}/f${i}`, "");
    fs.mkdirSync(`${many}/z`);
    try {
      const listing = await withOptions({ listing: true });
      const { headers, body } = await listing("/many/");
      expect(Number(headers["content-length"])).toBe(body.byteLength);
      const links = [...String(body).matchAll(/<a href="\.\/(\w+)\/?">/g)];
      const names = Array.from({ length: 2500 }, (_, i) => `f${i}`);
      expect(links.map(([, name]) => name)).toEqual(["z", ...names]);
      expect(String(body).match(/<\/tr>\n<tr>/g)).toHaveLength(2501);
      const some = await withOptions({ listing: true, maxListed: 3 });
      const text = String((await some("/many/")).body);
      expect(text).toContain("2498 more are not listed");
      expect(text).toContain('"./f10"');
      expect(text).not.toContain('"./f2"');
      const head = await listing("HEAD /many/");
      expect(head.headers["content-length"]).toBe(headers["content-length"]);
    } finally {
      fs.rmSync(many, { recursive: true });
    }
  });

  it("takes other names for its index", async () => {
    const other = await withOptions({ index: ["missing", "file.txt"] });
    const { status, headers, body } = await other("/bare/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body.equals(site.files["bare/file.txt"]!)).toBe(true);
  });
});

describe("nothing is revealed of", () => {
  it.each([
    ["what is not there", "/missing", 404],
    ["a file as a folder", "/plain.txt/", 404],
    ["what is below a file", "/plain.txt/x", 404],
    ["what hides", "/.hidden", 404],
    ["what lies in a folder that hides", "/.git/config", 404],
    ["what hides in a folder", "/sub/.env", 404],
    ["what a link leads to outside", "/link-outside.txt", 404],
    ["what a link leads to in the system", "/link-system.txt", 404],
    ["what lies above, by a link", "/link-up/outside.txt", 404],
    ["a neighbour with a longer name", "/link-up/root-too/file.txt", 404],
    ["a link to itself", "/loop", 404],
    ["a name that is too long", `/${"x".repeat(300)}`, 404],
    ["a path that is too long", `/${"x/".repeat(3000)}`, 404],
    ["what lies above", "/../outside.txt", 400],
    ["what lies above, encoded", "/%2e%2e/outside.txt", 400],
    ["what lies above, the slash encoded, too", "/..%2foutside.txt", 400],
    [
      "what lies above, by a way through a folder",
      "/sub/../../outside.txt",
      400,
    ],
    ["a null byte", "/plain.txt%00.html", 400],
    ["half an encoding", "/plain%2", 400],
    ["what encodes no text", "/%ff%fe", 400],
    ["an address that is no path", "*", 400],
    ["an address longer than the limit", `/${"y".repeat(9000)}`, 414],
  ])("%s", async (_name, url, status) => {
    const answer = await ask(url);
    expect(answer.status).toBe(status);
    const text = String(answer.body);
    expect(text).toContain(`<h1>${status} `);
    expect(text).not.toMatch(/secret|outside|root:|ENOENT|\/tmp|node_modules/);
    expect(answer.headers["etag"]).toBe(undefined);
  });

  it("what is no regular file", async () => {
    execFileSync("mkfifo", [`${site.root}/fifo`]);
    expect((await ask("/fifo")).status).toBe(404);
    fs.unlinkSync(`${site.root}/fifo`);
  });

  it.skipIf(process.getuid?.() === 0)(
    "a file that may not be read",
    async () => {
      fs.writeFileSync(`${site.root}/closed`, "x", { mode: 0 });
      expect((await ask("/closed")).status).toBe(403);
    },
  );

  it("what failed in us", async () => {
    const { port } = await serveSite(site, {
      cacheControl: () => {
        throw new Error("a secret of ours");
      },
    });
    const { status, body } = await ask("/plain.txt", {}, port);
    expect(status).toBe(500);
    expect(String(body)).not.toContain("secret");
  });
});

describe("options", () => {
  it("of hidden names: refused, or served", async () => {
    const deny = await withOptions({ dotfiles: "deny" });
    expect((await deny("/.hidden")).status).toBe(403);
    expect((await deny("/.not-there")).status).toBe(403);
    const allow = await withOptions({ dotfiles: "allow" });
    expect(String((await allow("/.git/config")).body)).toBe("a secret");
  });

  it("of links: none, or all", async () => {
    const refuse = await withOptions({ symlinks: "refuse" });
    expect((await refuse("/link-inside.txt")).status).toBe(404);
    expect((await refuse("/link-folder/other.txt")).status).toBe(404);
    expect((await refuse("/plain.txt")).status).toBe(200);
    const follow = await withOptions({ symlinks: "follow" });
    expect(String((await follow("/link-outside.txt")).body)).toBe("outside");
    expect((await follow("/../outside.txt")).status).toBe(400);
  });

  it("of headers, types and caches", async () => {
    const responseOf = await withOptions({
      headers: { "x-own": "1" },
      types: { ".TXT": "text/x-own" },
      cacheControl: (path, { size }) => `max-age=${size}, x="${path}"`,
      etag: false,
      lastModified: false,
      maxRanges: 0,
    });
    const { headers, status } = await responseOf("/plain.txt", {
      range: "bytes=0-1",
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "x-own": "1",
      "content-type": "text/x-own; charset=utf-8",
      "cache-control": 'max-age=20, x="/plain.txt"',
    });
    for (const name of ["etag", "last-modified", "accept-ranges"])
      expect(headers[name]).toBe(undefined);
  });

  it.each([
    [{ dotfiles: "no" }],
    [{ symlinks: true }],
    [{ maxRanges: -1 }],
    [{ listing: "yes" }],
    [{ dotfile: "deny" }],
    [{ port: 80 }],
    [null],
  ])("%o are refused", (options) => {
    // Before anything is opened.
    expect(() => serveStatic(site.root, options as never)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }) as Error,
    );
  });

  it("report how paths are kept below the folder", async () => {
    const { kind, about } = await serving.handler.ready;
    expect(kind).toBe(!eio.backends.threads.available ? "realpath" : "kernel");
    expect(about).toMatch(/\w/);
  });

  it.runIf(!eio.backends.threads.available)(
    "refuse a folder that paths cannot be kept in, unless racy checks will do",
    async () => {
      const refused = await serveSite(site, { racyPathChecks: false });
      await expect(refused.handler.ready).rejects.toMatchObject({
        code: "ERR_EIO_BENEATH_UNAVAILABLE",
      });
      expect((await ask("/plain.txt", {}, refused.port)).status).toBe(500);
    },
  );

  it("of a folder that is not there: ready rejects, and so does each request", async () => {
    const gone = await serveSite({ ...site, root: `${site.root}/missing` });
    await expect(gone.handler.ready).rejects.toMatchObject({ code: "ENOENT" });
    expect((await ask("/", {}, gone.port)).status).toBe(500);
  });
});

describe("methods", () => {
  it("that change something are refused", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const { status, headers } = await ask(`${method} /plain.txt`);
      expect([status, headers["allow"]]).toEqual([405, "GET, HEAD, OPTIONS"]);
    }
  });

  it("are listed for OPTIONS", async () => {
    const { status, headers } = await ask("OPTIONS /plain.txt");
    expect([status, headers["allow"]]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });
});

describe("codings", () => {
  it.each([
    ["br, gzip", "br"],
    ["gzip", "gzip"],
    ["gzip, br", "br"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["*", "br"],
    ["*;q=0", undefined],
    ["identity", undefined],
    ["identity;q=1, br;q=0.1", undefined],
    ["deflate", undefined],
    ["x-gzip", "gzip"],
    ["BR", "br"],
    ["br;q=nonsense", undefined],
    ["", undefined],
  ])(
    "with Accept-Encoding: %s the file is sent as %s",
    async (header, coding) => {
      const { headers, body } = await ask("/script.js", {
        "accept-encoding": header,
      });
      expect(headers["content-encoding"]).toBe(coding);
      expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
      expect(headers["vary"]).toBe("Accept-Encoding");
      const suffix = { br: ".br", gzip: ".gz" }[coding ?? ""] ?? "";
      expect(body.equals(site.files[`script.js${suffix}`]!)).toBe(true);
    },
  );

  it("that are not there are passed over", async () => {
    const { headers } = await ask("/style.css", {
      "accept-encoding": "br, gzip",
    });
    expect(headers["content-encoding"]).toBe("gzip");
    const { headers: plain } = await ask("/page.html", {
      "accept-encoding": "br",
    });
    expect(plain["content-encoding"]).toBe(undefined);
  });

  it("have tags of their own, and are left alone with the option", async () => {
    const plain = await ask("/script.js");
    const br = await ask("/script.js", { "accept-encoding": "br" });
    expect(br.headers["etag"]).not.toBe(plain.headers["etag"]);
    const again = await ask("/script.js", {
      "accept-encoding": "br",
      "if-none-match": br.headers["etag"]!,
    });
    expect([again.status, again.headers["vary"]]).toEqual([
      304,
      "Accept-Encoding",
    ]);
    const never = await withOptions({ precompressed: false });
    const { headers } = await never("/script.js", { "accept-encoding": "br" });
    expect([headers["content-encoding"], headers["vary"]]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("are not tried for what does not gain by them", async () => {
    const { headers } = await ask("/large.bin", { "accept-encoding": "br" });
    expect(headers["vary"]).toBe(undefined);
  });
});

describe("many at once", () => {
  it("are served in order on one connection, and no file stays open", async () => {
    const names = [
      "plain.txt",
      "large.bin",
      "missing",
      "sub/",
      "empty.txt",
      "script.js",
    ];
    const wanted = Array.from(
      { length: 60 },
      (_, i) => names[i % names.length]!,
    );
    const replies = await exchange(
      serving.port,
      ...wanted.map((name): [string] => [`GET /${name}`]),
    );
    for (const [i, name] of wanted.entries()) {
      const file = site.files[name === "sub/" ? "sub/index.html" : name];
      expect(replies[i]!.status).toBe(file === undefined ? 404 : 200);
      if (file !== undefined) expect(replies[i]!.body.equals(file)).toBe(true);
    }
    while (descriptorsBelow(`${site.root}/`).length > 0)
      await new Promise(setImmediate);
  });
});
