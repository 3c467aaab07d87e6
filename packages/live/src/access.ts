// Who may look at the live page: by default this machine, which is where the connection comes from, and
// only under a name that cannot be made to lead here from elsewhere (DNS rebinding). It knows no addresses
// of the page, and what a function of the user's decides is final.
import type { IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";

export type Allow = "local" | "all" | ((request: IncomingMessage) => boolean);

export interface Access {
  allow: Allow;
  /** Names and addresses, beside those that every page has; `any`: all of them. */
  hosts: readonly string[] | "any";
}

/** Proxies add them; a browser on this machine has none. */
const HANDED_ON = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/** null: the request is allowed; otherwise the reason why it is not. */
export function refusal(
  request: IncomingMessage,
  { allow, hosts }: Access,
): string | null {
  if (typeof allow === "function")
    return allow(request) ? null : "You may not see this page.";
  if (crossSite(request)) return "Other sites may not read this page.";
  const { socket } = request;
  if (allow === "local") {
    if (!comesFromHere(socket)) return "This page is for this machine only.";
    if (isHandedOn(request))
      return "This page is for this machine only, and a proxy handed the request on.";
  }
  const host = unknownHost(request, hosts);
  return host === null
    ? null
    : `This page is not for the host ${host}: use localhost or the server's own address, or add the host to the option "hosts".`;
}

/** nginx adds no header by default and changes the host, but it sends HTTP/1.0, as no browser does. */
function isHandedOn({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    httpVersion === "1.0" ||
    HANDED_ON.some((name) => headers[name] !== undefined)
  );
}

/** A machine that connects to itself by its own address has it at both ends. */
function comesFromHere({ localAddress, remoteAddress }: Socket): boolean {
  if (remoteAddress === undefined) return false;
  return isLoopback(remoteAddress) || remoteAddress === localAddress;
}

function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

const unmapped = (address: string): string =>
  address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, "");

/** What Host or Origin names, where the page is not for it. */
function unknownHost(
  { headers, socket }: IncomingMessage,
  hosts: Access["hosts"],
): string | null {
  if (hosts === "any") return null;
  const isKnown = (name: string): boolean =>
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === unmapped(socket.localAddress ?? "") ||
    hosts.some((host) => hostName(host) === name);
  const { host = "", origin } = headers;
  const named = origin === undefined ? [host] : [host, authorityOf(origin)];
  const unknown = named.find((text) => {
    const name = hostName(text);
    return name === null || !isKnown(name);
  });
  return unknown === undefined ? null : JSON.stringify(unknown);
}

/** `null`, which sandboxed pages send, names no host that anybody could allow. */
const authorityOf = (origin: string): string =>
  origin.replace(/^https?:\/\//i, "");

/** Without port and brackets; null: neither a name nor an address. */
export function hostName(host: string): string | null {
  const [, bracketed, plain] =
    /^(?:\[([^\]]*)\]|([^:/@\s]+))(?::\d*)?$/.exec(host) ?? [];
  if (bracketed !== undefined)
    return isIP(bracketed) === 6 ? unmapped(bracketed) : null;
  return plain?.toLowerCase().replace(/\.$/, "") ?? null;
}

/** Requested from within a page of another site; to follow a link is allowed. */
function crossSite({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  const mode = headers["sec-fetch-mode"];
  return site === "cross-site" && mode !== "navigate";
}
