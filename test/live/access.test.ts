// Who may see the live page: this machine, whatever a request says of itself, unless others are let in.
import type http from "node:http";
import { describe, expect, it } from "vitest";
import { refusal, type Allow } from "../../src/live/access.ts";

/** As node:http hands it over; `remote` and `local` are the ends of the connection. */
const request = (
  remote: string | undefined,
  headers: http.IncomingHttpHeaders,
  local = "127.0.0.1",
  httpVersion = "1.1",
): http.IncomingMessage =>
  ({
    socket: { remoteAddress: remote, localAddress: local },
    ...{ headers, httpVersion },
  }) as http.IncomingMessage;

const refused = (
  remote: string | undefined,
  headers: http.IncomingHttpHeaders,
  allow: Allow = "local",
  local?: string,
): boolean => refusal(request(remote, headers, local), allow) !== null;

describe("local", () => {
  it.each<[string | undefined, http.IncomingHttpHeaders, string?]>([
    ["127.0.0.1", { host: "127.0.0.1:8080" }],
    ["127.9.8.7", { host: "localhost" }],
    ["::1", { host: "[::1]:8080" }],
    ["::ffff:127.0.0.1", { host: "localhost.:8080" }],
    ["127.0.0.1", { host: "app.localhost:8080" }],
    ["192.168.1.5", { host: "192.168.1.5:8080" }, "192.168.1.5"],
    [
      "127.0.0.1",
      {
        host: "localhost",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
      },
    ],
  ])("lets %s with %j", (remote, headers, local) => {
    expect(refused(remote, headers, "local", local)).toBe(false);
  });

  it.each<[string | undefined, http.IncomingHttpHeaders]>([
    ["192.168.1.6", { host: "localhost" }],
    ["10.0.0.1", { host: "127.0.0.1" }],
    ["10.0.0.1", { host: "127.0.0.1", "x-forwarded-for": "127.0.0.1" }],
    ["::ffff:10.0.0.1", { host: "[::1]" }],
    ["1270.0.0.1", { host: "localhost" }],
    ["fe80::1", { host: "localhost" }],
    // A Unix socket, or one that is gone: nobody knows who it was.
    [undefined, { host: "localhost" }],
    // A proxy on this machine stands for whoever asks it.
    ["127.0.0.1", { host: "localhost", "x-forwarded-for": "10.0.0.1" }],
    ["127.0.0.1", { host: "localhost", "x-real-ip": "127.0.0.1" }],
    ["127.0.0.1", { host: "localhost", forwarded: "for=127.0.0.1" }],
    ["127.0.0.1", { host: "localhost", via: "1.1 proxy" }],
    // A name of somebody else's that leads here.
    ["127.0.0.1", { host: "evil.example:8080" }],
    ["127.0.0.1", { host: "127.0.0.1.evil.example" }],
    ["127.0.0.1", { host: "localhost.evil.example" }],
    ["127.0.0.1", { host: "evil-localhost" }],
    ["127.0.0.1", { host: "localhost:80@evil.example" }],
    ["127.0.0.1", { host: "[evil.example]" }],
    ["127.0.0.1", {}],
    [
      "127.0.0.1",
      {
        host: "localhost",
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "cors",
      },
    ],
  ])("refuses %s with %j", (remote, headers) => {
    expect(refused(remote, headers)).toBe(true);
  });
});

it("local refuses what a proxy asks that says nothing of itself", () => {
  const asked = request("127.0.0.1", { host: "localhost" }, "127.0.0.1", "1.0");
  expect(refusal(asked, "local")).toMatch(/proxy/);
  expect(refusal(asked, "all")).toBe(null);
});

it("all lets everybody but pages of other sites", () => {
  expect(refused("10.0.0.1", { host: "eio.example" }, "all")).toBe(false);
  const cross = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
  expect(refused("127.0.0.1", cross, "all")).toBe(true);
});

it("a function decides", () => {
  const allow = ({ headers }: http.IncomingMessage): boolean =>
    headers.authorization === "Bearer right";
  const right = { authorization: "Bearer right" };
  expect(refused("10.0.0.1", right, allow)).toBe(false);
  expect(refused("127.0.0.1", { host: "localhost" }, allow)).toBe(true);
});
