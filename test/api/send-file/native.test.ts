// sendFile by the kernel, and which targets go through a stream although there is native code.
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { PassThrough, Transform } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadNative } from "../../../src/backends/native.ts";
import { exchange } from "../../helpers/raw-http.ts";
import {
  content,
  eio,
  large,
  LARGE_BYTES,
  listen,
  received,
  serve,
} from "./setting.ts";
import { sendFileSuite } from "./suite.ts";

const { addon } = loadNative();

describe.skipIf(addon === null)("with native code", () => {
  sendFileSuite();

  const sent = { bytes: 0 };
  beforeEach(() => {
    sent.bytes = 0;
    const { sendFile } = addon!;
    vi.spyOn(addon!, "sendFile").mockImplementation((...args) => {
      const count = sendFile(...args);
      if (count > 0) sent.bytes += count;
      return count;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  it("a file in the page cache is sent by the kernel", async () => {
    const port = await serve((_, response) => eio.sendFile(response, large));
    await exchange(port, ["GET /"], ["GET /"]);
    expect(sent.bytes).toBe(2 * LARGE_BYTES);
  });

  it("what is not to stay in the page cache is read with that term, and not sent by the kernel", async () => {
    const port = await serve((_, response) =>
      eio.sendFile(response, large, { cache: "drop" }),
    );
    const [answer] = await exchange(port, ["GET /"]);
    expect(answer!.body.equals(content)).toBe(true);
    expect(sent.bytes).toBe(0);
  });

  it("what is not in the page cache is sent by a worker", async () => {
    vi.spyOn(addon!, "sendFile").mockReturnValue(-61);
    const port = await serve((_, response) => eio.sendFile(response, large));
    const [answer] = await exchange(port, ["GET /"]);
    expect(answer!.body.equals(content)).toBe(true);
    expect(sent.bytes).toBe(0);
  });

  it("a client that goes away while a worker sends is reported", async () => {
    vi.spyOn(addon!, "sendFile").mockReturnValue(-61);
    let failed: Promise<unknown> | undefined;
    const port = await listen(
      net.createServer((socket) => {
        socket.on("error", () => {});
        failed = eio.sendFile(socket, large).catch((error: unknown) => error);
        void eio.nop().then(() => socket.destroy());
      }),
    );
    net
      .connect(port, "127.0.0.1")
      .on("error", () => {})
      .resume();
    while (failed === undefined) await new Promise(setImmediate);
    expect(await failed).toMatchObject({
      code: expect.stringMatching(/^ERR_STREAM_|^EPIPE$|^ECONN/) as string,
    });
  });

  describe("by a stream goes what is", () => {
    afterEach(() => expect(sent.bytes).toBe(0));

    it("for a response whose write somebody has replaced", async () => {
      const port = await serve(async (_, response) => {
        // As compression does: what is written is changed on the way.
        const write = response.write.bind(response);
        const flip = new Transform({
          transform: (chunk: Buffer, _encoding, done) =>
            done(null, Buffer.from(chunk.map((byte) => 255 - byte))),
        });
        flip.on("data", (chunk: Buffer) => write(chunk));
        response.write = ((...args: Parameters<typeof flip.write>) =>
          flip.write(...args)) as typeof response.write;
        return await eio.sendFile(response, large);
      });
      const [answer] = await exchange(port, ["GET /"]);
      expect(
        answer!.body.equals(content.map((byte) => 255 - byte) as Buffer),
      ).toBe(true);
    });

    it("for HTTP/2", async () => {
      const server = http2.createServer((_request, response) => {
        void eio.sendFile(response as never, large);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const session = http2.connect(`http://127.0.0.1:${port}`);
      const request = session.request({ ":path": "/" });
      const [headers] = (await once(request, "response")) as [
        http2.IncomingHttpHeaders,
      ];
      expect(headers["content-length"]).toBe(String(LARGE_BYTES));
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
      session.close();
      server.close();
    });

    it("for any stream", async () => {
      const through = new PassThrough();
      const sending = eio.sendFile(through, large, { finish: true });
      const chunks: Buffer[] = [];
      for await (const chunk of through) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
      expect(await sending).toBe(LARGE_BYTES);
    });

    it("of a file that bypasses the page cache", async () => {
      const handle = await eio.openDirect(large, "r", null, { fallback: true });
      if (!handle.direct) return void (await handle.close());
      const got = await received((socket) =>
        eio.sendFile(socket, handle, { finish: true, start: 3 }),
      );
      expect(got.equals(content.subarray(3))).toBe(true);
      await handle.close();
    });
  });

  it("a response whose prototype is another's is still the kernel's", async () => {
    const app = Object.create(http.ServerResponse.prototype) as object;
    const port = await serve((_, response) => {
      Object.setPrototypeOf(response, app);
      return eio.sendFile(response, large);
    });
    const [answer] = await exchange(port, ["GET /"]);
    expect(answer!.body.equals(content)).toBe(true);
    expect(sent.bytes).toBe(LARGE_BYTES);
  });
});
