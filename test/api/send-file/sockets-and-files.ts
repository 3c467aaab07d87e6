// The part of the suite that concerns sockets, what a file may be, and what is refused.
import fs from "node:fs";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { answersIn, connect, drain, exchange } from "../../helpers/raw-http.ts";
import {
  content,
  eio,
  folder,
  large,
  LARGE_BYTES,
  listen,
  received,
  serve,
} from "./setting.ts";

export function socketsAndFiles(): void {
  describe("a socket", () => {
    it("gets the file between what is written, and stays open", async () => {
      const got = await received(async (socket) => {
        socket.write("before");
        const sending = eio.sendFile(socket, large);
        await sending;
        socket.end("after");
      });
      const parts = [Buffer.from("before"), content, Buffer.from("after")];
      expect(got.equals(Buffer.concat(parts))).toBe(true);
    });

    it("is ended where that is asked for", async () => {
      const got = await received((socket) =>
        eio.sendFile(socket, large, { start: 10, finish: true }),
      );
      expect(got.equals(content.subarray(10))).toBe(true);
    });

    it("is one of the file system, too", async () => {
      const path = folder.join("socket");
      await serve((_, response) => eio.sendFile(response, large), path);
      const [answer] = await exchange(path, ["GET /"]);
      expect(answer!.body.equals(content)).toBe(true);
    });

    it("that is connecting gets it when it is connected", async () => {
      let got: Promise<Buffer> | undefined;
      const port = await listen(
        net.createServer((socket) => void (got = drain(socket))),
      );
      const socket = connect(port);
      expect(await eio.sendFile(socket, large, { finish: true })).toBe(
        LARGE_BYTES,
      );
      socket.resume();
      expect((await got!).equals(content)).toBe(true);
    });

    it("gets what a slow reader leaves room for", async () => {
      const port = await serve((_, response) => eio.sendFile(response, large));
      const socket = connect(port);
      socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
      const chunks: Buffer[] = [];
      for await (const chunk of socket) {
        chunks.push(chunk as Buffer);
        // Now and then the others get a turn, and the socket fills.
        if (chunks.length % 8 === 0) await eio.nop();
      }
      const [answer] = answersIn(Buffer.concat(chunks), ["GET"]);
      expect(answer!.body.equals(content)).toBe(true);
    });
  });

  describe("the file may be", () => {
    it.each<[string, () => Promise<[unknown, () => unknown]>]>([
      [
        "a FileHandle",
        async () => {
          const handle = await eio.promises.open(large);
          return [handle, () => handle.close()];
        },
      ],
      [
        "a FileHandle of Node's",
        async () => {
          const handle = await fs.promises.open(large);
          return [handle, () => handle.close()];
        },
      ],
      [
        "a descriptor",
        async () => {
          const fd = fs.openSync(large, "r");
          return [fd, () => fs.closeSync(fd)];
        },
      ],
      ["a URL", async () => [new URL(`file://${large}`), () => {}]],
      ["a Buffer", async () => [Buffer.from(large), () => {}]],
    ])("%s, and stays open where it was", async (_name, open) => {
      const [file, close] = await open();
      const got = await received(async (socket) => {
        await eio.sendFile(socket, file as never, { start: 5 });
        await eio.sendFile(socket, file as never, { finish: true, end: 9 });
      });
      const parts = [content.subarray(5), content.subarray(0, 10)];
      expect(got.equals(Buffer.concat(parts))).toBe(true);
      await close();
    });

    it("closed meanwhile: it is still sent", async () => {
      const handle = await eio.promises.open(large);
      const got = await received(async (socket) => {
        const sending = eio.sendFile(socket, handle, { finish: true });
        // The promise of close waits for whoever works with the handle.
        await eio.nop();
        await handle.close();
        return sending;
      });
      expect(got.equals(content)).toBe(true);
    });
  });

  describe("refuses", () => {
    const socket = new net.Socket();
    it.each<[string, () => Promise<unknown>, string]>([
      [
        "what is no stream",
        () => eio.sendFile({} as never, large),
        "ERR_INVALID_ARG_TYPE",
      ],
      [
        "what is no file",
        () => eio.sendFile(socket, {} as never),
        "ERR_INVALID_ARG_TYPE",
      ],
      [
        "a start below 0",
        () => eio.sendFile(socket, large, { start: -1 }),
        "ERR_OUT_OF_RANGE",
      ],
      [
        "an end that is no number",
        () => eio.sendFile(socket, large, { end: "1" as never }),
        "ERR_INVALID_ARG_TYPE",
      ],
      [
        "a signal that has fired",
        () => eio.sendFile(socket, large, { signal: AbortSignal.abort() }),
        "ABORT_ERR",
      ],
      [
        "a path with a null byte",
        () => eio.sendFile(socket, "a\0b"),
        "ERR_INVALID_ARG_VALUE",
      ],
      ["a folder", () => eio.sendFile(socket, folder.path), "EISDIR"],
      [
        "a stream that was destroyed",
        () => eio.sendFile(new net.Socket().destroy(), large),
        "ERR_STREAM_DESTROYED",
      ],
      [
        "a descriptor that is closed",
        async () => {
          const handle = await eio.promises.open(large);
          await handle.close();
          await eio.sendFile(socket, handle);
        },
        "EBADF",
      ],
    ])("%s", async (_name, call, code) => {
      await expect(call()).rejects.toMatchObject({ code });
      expect(socket.destroyed).toBe(false);
    });
  });
}
