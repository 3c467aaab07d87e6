// Options of a server and of a handler whose value is wrong: each is refused before anything is opened, with what it may be.
import { describe, expect, it } from "vitest";
import type { ServeOptions } from "../src/options.ts";
import { startServer } from "../src/server.ts";
import { serveStatic } from "../src/static.ts";

const refusal = (says: string): Error =>
  expect.objectContaining({
    code: "ERR_EIO_INVALID_OPTION",
    message: `${says} (node-eio/docs/errors.md#err_eio_invalid_option)`,
  }) as Error;

describe("options of a server", () => {
  it.each<[object, says: string]>([
    [
      { maxConnections: -1 },
      'Option "maxConnections" must be an integer from 1 to 2147483647. Received -1',
    ],
    [
      { maxHeaderBytes: "16kb" },
      "Option \"maxHeaderBytes\" must be an integer from 1 to 2147483647. Received '16kb'",
    ],
    [
      { requestTimeoutMs: NaN },
      'Option "requestTimeoutMs" must be an integer from 0 to 2147483647. Received NaN',
    ],
    [
      { idleTimeoutMs: 1.5 },
      'Option "idleTimeoutMs" must be an integer from 0 to 2147483647. Received 1.5',
    ],
    [
      { keepAliveTimeoutMs: null },
      'Option "keepAliveTimeoutMs" must be an integer from 0 to 2147483647. Received null',
    ],
    [
      { port: "8080" },
      "Option \"port\" must be an integer from 0 to 65535. Received '8080'",
    ],
    [
      { portTries: -1 },
      'Option "portTries" must be an integer from 0 to 65535. Received -1',
    ],
    [{ host: 127 }, 'Option "host" must be an address or a name. Received 127'],
    [{ log: "common" }, "Option \"log\" must be a function. Received 'common'"],
    [
      { live: null },
      'Option "live" must be true, false, or the options of the live page. Received null',
    ],
    [
      { live: "/_eio" },
      "Option \"live\" must be true, false, or the options of the live page. Received '/_eio'",
    ],
    [
      { maxConections: 4 },
      'There is no option "maxConections"; did you mean "maxConnections"? Received 4',
    ],
  ])("%o are refused", async (options, says) => {
    await expect(startServer("/none", options)).rejects.toThrow(refusal(says));
  });
});

describe("options of a handler", () => {
  it.each<[object, says: string]>([
    [
      { index: ["index.html", 4] },
      "Option \"index\" must be a name, an array of names, or false. Received [ 'index.html', 4 ]",
    ],
    [
      { cacheControl: 3600 },
      'Option "cacheControl" must be a header\'s text, or a function that returns one. Received 3600',
    ],
    [{ types: null }, 'Option "types" must be an object. Received null'],
    [
      { types: { wasm: 1 } },
      'Option "types.wasm" must be a string. Received 1',
    ],
    [
      { headers: { "x-own": null } },
      'Option "headers.x-own" must be a string. Received null',
    ],
    [{ eio: {} }, 'Option "eio" must be what createEio() returns. Received {}'],
    [
      { symlinks: "inisde" },
      "Option \"symlinks\" must be one of inside, follow, refuse. Received 'inisde'",
    ],
    [
      { maxRanges: "16" },
      "Option \"maxRanges\" must be an integer from 0 to 2147483647. Received '16'",
    ],
    [
      { listing: "yes" },
      "Option \"listing\" must be true or false. Received 'yes'",
    ],
  ])("%o are refused", (options, says) => {
    expect(() => serveStatic("/none", options as ServeOptions)).toThrow(
      refusal(says),
    );
  });
});
