// What sendFile does for whoever calls it, whichever way the bytes take: the same tests with native code and
// without. Here what concerns responses.
import { once } from "node:events";
import fs from "node:fs";
import type http from "node:http";
import type { ServerResponse } from "node:http";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { connect, drain, exchange } from "../../helpers/raw-http.ts";
import {
  content,
  eio,
  folder,
  large,
  LARGE_BYTES,
  outcomes,
  serve,
  servers,
  small,
  SPARSE_BYTES,
  sparse,
} from "./setting.ts";
import { socketsAndFiles } from "./sockets-and-files.ts";

export function sendFileSuite(): void {
  afterEach(async () => {
    await Promise.allSettled(outcomes.splice(0));
    for (const server of servers.splice(0)) {
      (server as http.Server).closeAllConnections?.();
      server.close();
    }
  });
  afterAll(() => eio.close());

  describe("a response", () => {
    it("gets the file, its length, and is ended", async () => {
      const port = await serve((_, response) => eio.sendFile(response, large));
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.status).toBe(200);
      expect(answer!.headers["content-length"]).toBe(String(LARGE_BYTES));
      expect(answer!.headers["transfer-encoding"]).toBe(undefined);
      expect(answer!.body.equals(content)).toBe(true);
      expect(await outcomes[0]).toBe(LARGE_BYTES);
    });

    it.each([
      ["a small file", small, 1000],
      ["an empty file", folder.file("empty"), 0],
    ])("gets %s", async (_name, file, bytes) => {
      const port = await serve((_, response) => eio.sendFile(response, file));
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.headers["content-length"]).toBe(String(bytes));
      expect(answer!.body.equals(content.subarray(0, bytes))).toBe(true);
      expect(await outcomes[0]).toBe(bytes);
    });

    it.each([
      [{ start: 1, end: 3 }, 1, 4],
      [{ start: 4_000_000 }, 4_000_000, LARGE_BYTES],
      [{ end: 999_999 }, 0, 1_000_000],
      [{ start: 100, end: Number.MAX_SAFE_INTEGER }, 100, LARGE_BYTES],
      [{ start: LARGE_BYTES }, 0, 0],
      [{ start: 7, end: 7 }, 7, 8],
      [{ start: 9, end: 8 }, 0, 0],
    ])("gets the range %o", async (range, from, to) => {
      const port = await serve((_, response) =>
        eio.sendFile(response, large, range),
      );
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.headers["content-length"]).toBe(String(to - from));
      expect(answer!.body.equals(content.subarray(from, to))).toBe(true);
    });

    it("opens a path in a working directory", async () => {
      await using wd = await eio.wd(path.dirname(large));
      const port = await serve((_, response) =>
        eio.sendFile(response, path.basename(large), { wd }),
      );
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.body.equals(content)).toBe(true);
    });

    it("keeps the order of what was written before and after", async () => {
      const port = await serve(async (_, response) => {
        response.writeHead(201, { "content-length": LARGE_BYTES + 8 });
        response.write("<pre");
        const sending = eio.sendFile(response, large, { finish: false });
        await sending;
        response.end("/pre");
        return sending;
      });
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.status).toBe(201);
      const parts = [Buffer.from("<pre"), content, Buffer.from("/pre")];
      expect(answer!.body.equals(Buffer.concat(parts))).toBe(true);
    });

    it("keeps the order of what is written meanwhile, in chunks", async () => {
      const handle = await eio.promises.open(large);
      const port = await serve(async (_, response) => {
        response.write("a");
        const sent = [
          eio.sendFile(response, handle, { finish: false }),
          eio.sendFile(response, handle, { finish: false, start: 3, end: 4 }),
        ];
        await Promise.all(sent);
        response.end("z");
      });
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.headers["transfer-encoding"]).toBe("chunked");
      const few = content.subarray(3, 5);
      const parts = [Buffer.from("a"), content, few, Buffer.from("z")];
      expect(answer!.body.equals(Buffer.concat(parts))).toBe(true);
      await handle.close();
    });

    it("lives on: keep-alive, then pipelined requests, in order", async () => {
      const port = await serve((request, response) => {
        const at = Number(request.url!.slice(1));
        return eio.sendFile(response, large, { start: at, end: at + 200_000 });
      });
      const starts = [0, 1, 4_900_000, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
      const responses = await exchange(
        port,
        ...starts.map((at): [string] => [`GET /${at}`]),
      );
      for (const [i, at] of starts.entries())
        expect(
          responses[i]!.body.equals(content.subarray(at, at + 200_001)),
        ).toBe(true);
    });

    it("in a pipeline waits for a slow response before it", async () => {
      let slow: ServerResponse | undefined;
      const port = await serve(async (request, response) => {
        if (request.url === "/slow") {
          slow = response;
          return;
        }
        const sending = eio.sendFile(response, large);
        slow!.end("first");
        return await sending;
      });
      const responses = await exchange(port, ["GET /slow"], ["GET /file"]);
      expect(String(responses[0]!.body)).toBe("first");
      expect(responses[1]!.body.equals(content)).toBe(true);
    });

    it("to HEAD has a length and no body", async () => {
      const port = await serve((_, response) => eio.sendFile(response, large));
      const responses = await exchange(port, ["HEAD /"], ["GET /"]);
      expect(responses[0]!.headers["content-length"]).toBe(String(LARGE_BYTES));
      expect(responses[1]!.body.length).toBe(LARGE_BYTES);
      expect(await Promise.all(outcomes)).toEqual([0, LARGE_BYTES]);
    });

    it("takes headers, and its own accounts stay right", async () => {
      const port = await serve(async (_, response) => {
        response.strictContentLength = true;
        const socket = response.socket!;
        const before = socket.bytesWritten;
        await eio.sendFile(response, large, {
          headers: { "content-type": "x/y", "x-many": ["1", "2"] },
        });
        if (!response.writableFinished) await once(response, "finish");
        return socket.bytesWritten - before;
      });
      const [answer] = await exchange(port, ["GET /"]);
      expect(answer!.headers["content-type"]).toBe("x/y");
      expect(answer!.body.length).toBe(LARGE_BYTES);
      expect(await outcomes[0]).toBeGreaterThan(LARGE_BYTES);
      expect(await outcomes[0]).toBeLessThan(LARGE_BYTES + 1000);
    });

    it("that takes other bytes than there are refuses the file", async () => {
      const handle = await eio.promises.open(large);
      const port = await serve(async (_, response) => {
        response.strictContentLength = true;
        response.setHeader("content-length", 10);
        const sending = eio.sendFile(response, handle);
        await sending.catch(() => response.destroy());
        return sending;
      });
      await exchange(port, ["GET /"]).catch(() => {});
      await expect(outcomes[0]).rejects.toMatchObject({
        code: "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
      });
      // Nobody holds the file any more.
      await handle.close();
    });

    it("is not touched by what fails before the first byte", async () => {
      const port = await serve(async (_, response) => {
        const error = await eio
          .sendFile(response, folder.join("missing"))
          .catch((error: NodeJS.ErrnoException) => error);
        response.writeHead(404).end((error as { code: string }).code);
      });
      const [answer] = await exchange(port, ["GET /"]);
      expect([answer!.status, String(answer!.body)]).toEqual([404, "ENOENT"]);
      await expect(outcomes[0]).resolves.toBe(undefined);
    });

    it("is destroyed when its signal fires, and the promise says so", async () => {
      const controller = new AbortController();
      const port = await serve((_, response) => {
        // A client that does not read: the file cannot have gone.
        response.socket!.once("drain", () => {});
        return eio.sendFile(response, sparse(), { signal: controller.signal });
      });
      const socket = connect(port);
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      await once(socket, "readable");
      controller.abort();
      await expect(outcomes[0]).rejects.toMatchObject({ name: "AbortError" });
      await drain(socket).catch(() => {});
    });

    it("whose client goes away rejects", async () => {
      const port = await serve((_, response) =>
        eio.sendFile(response, sparse()),
      );
      const socket = connect(port);
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      await once(socket, "readable");
      socket.resetAndDestroy();
      const error = await outcomes[0]!.catch((error: unknown) => error);
      expect(["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"]).toContain(
        (error as { code: string }).code,
      );
    });

    it("that waits in a pipeline when the client goes away rejects", async () => {
      let first: ServerResponse | undefined;
      const port = await serve((request, response) => {
        if (request.url === "/") return eio.sendFile(response, large);
        first = response;
        return undefined;
      });
      const socket = connect(port);
      socket.write("GET /first HTTP/1.1\r\nhost: x\r\n\r\n");
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      while (outcomes.length < 2) await new Promise(setImmediate);
      const { socket: own } = first!;
      socket.resetAndDestroy();
      // Node does not look at a connection that has enough to write: it finds out when it writes.
      first!.end("first");
      await expect(outcomes[1]).rejects.toMatchObject({
        code: expect.stringMatching(
          /^ERR_STREAM_|^ECONNRESET$|^EPIPE$/,
        ) as string,
      });
      expect(own!.destroyed).toBe(true);
    });

    it("of a file that has become shorter ends in an error", async () => {
      const file = sparse();
      const port = await serve((_, response) => eio.sendFile(response, file));
      const socket = connect(port);
      socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
      await once(socket, "readable");
      fs.truncateSync(file, 1_000_000);
      const got = await drain(socket).catch(() => null);
      await expect(outcomes[0]).rejects.toMatchObject({
        code: "ERR_EIO_FILE_CHANGED",
      });
      expect(got === null || got.length < SPARSE_BYTES).toBe(true);
    });
  });

  socketsAndFiles();
}
