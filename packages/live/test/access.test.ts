// Who may see the live page: this machine, whatever a request says of itself, unless others are let in.
import type http from "node:http";
import { describe, expect, it } from "vitest";
import { refusal, type Access, type Allow } from "../src/access.ts";

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
  hosts: Access["hosts"] = [],
): boolean =>
  refusal(request(remote, headers, local), { allow, hosts }) !== null;

describe("local", () => {
  it.each<[string | undefined, http.IncomingHttpHeaders, string?]>([
    ["127.0.0.1", { host: "127.0.0.1:8080" }],
    ["127.9.8.7", { host: "localhost" }],
    ["::1", { host: "[::1]:8080" }, "::1"],
    ["::1", { host: "LOCALHOST:8080" }, "::1"],
    ["::ffff:127.0.0.1", { host: "127.0.0.1" }, "::ffff:127.0.0.1"],
    ["127.0.0.1", { host: "[::ffff:127.0.0.1]:8080" }],
    ["127.0.0.1", { host: "localhost", origin: "http://localhost:8080" }],
    ["127.0.0.1", { host: "127.0.0.1:80", origin: "http://127.0.0.1:80" }],
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
    // A proxy on this machine stands for whoever uses it.
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
    ["127.0.0.1", { host: "evil@localhost" }],
    // Addresses that the connection was not made to.
    ["127.0.0.1", { host: "93.184.216.34" }],
    ["127.0.0.1", { host: "127.0.0.2:8080" }],
    ["127.0.0.1", { host: "0.0.0.0:8080" }],
    ["127.0.0.1", { host: "[2001:db8::1]" }],
    ["127.0.0.1", { host: "[::1]" }],
    ["127.0.0.1", { host: "localhost", origin: "http://evil.example" }],
    ["127.0.0.1", { host: "localhost", origin: "http://127.0.0.2" }],
    ["127.0.0.1", { host: "localhost", origin: "null" }],
    ["127.0.0.1", { host: "localhost", origin: "" }],
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

it("local refuses requests of a proxy that does not name itself", () => {
  const incoming = request(
    "127.0.0.1",
    { host: "localhost" },
    "127.0.0.1",
    "1.0",
  );
  expect(refusal(incoming, { allow: "local", hosts: [] })).toMatch(/proxy/);
  expect(refusal(incoming, { allow: "all", hosts: [] })).toBe(null);
});

it("all lets everybody but pages of other sites", () => {
  const own = { host: "10.0.0.2:8080" };
  expect(refused("10.0.0.1", own, "all", "10.0.0.2")).toBe(false);
  const cross = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
  expect(refused("10.0.0.1", { ...own, ...cross }, "all", "10.0.0.2")).toBe(
    true,
  );
  // A name that was made to lead here: for the browser this is no other site.
  const rebound = {
    host: "evil.example:8080",
    "sec-fetch-site": "same-origin",
  };
  expect(refused("10.0.0.1", rebound, "all", "10.0.0.2")).toBe(true);
});

it("hosts that the user names are allowed, and any if that is what the user says", () => {
  const named = { host: "Eio.example:8080", origin: "https://eio.example" };
  const other = { ...named, origin: "https://evil.example" };
  for (const allow of ["local", "all"] as const)
    for (const [headers, hosts, expected] of [
      [named, [], true],
      [named, ["eio.example"], false],
      [named, ["a.example", "EIO.example."], false],
      [other, ["eio.example"], true],
      [{ host: "[2001:db8::1]:80" }, ["2001:db8::1"], true],
      [{ host: "[2001:db8::1]:80" }, ["[2001:db8::1]"], false],
      [other, "any", false],
    ] as const)
      expect(refused("127.0.0.1", headers, allow, undefined, hosts)).toBe(
        expected,
      );
});

it("the reason names the host and the option", () => {
  const incoming = request("127.0.0.1", { host: "eio.example" });
  expect(refusal(incoming, { allow: "all", hosts: [] })).toMatch(
    /"eio.example".*"hosts"/,
  );
});

it("a function decides", () => {
  const allow = ({ headers }: http.IncomingMessage): boolean =>
    headers.authorization === "Bearer right";
  const right = { authorization: "Bearer right" };
  expect(refused("10.0.0.1", right, allow)).toBe(false);
  expect(refused("127.0.0.1", { host: "localhost" }, allow)).toBe(true);
});
