// Who may look. This machine, untold: what counts is where the connection comes from, and then whether
// somebody else may stand behind it: a proxy that hands requests on, or a page of another site whose name
// was made to lead here (DNS rebinding).
import type { IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";

export type Allow = "local" | "all" | ((request: IncomingMessage) => boolean);

/** Proxies add them; a browser on this machine has none. */
const HANDED_ON = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/** null: he may; otherwise the reason why not. */
export function refusal(request: IncomingMessage, allow: Allow): string | null {
  if (typeof allow === "function")
    return allow(request) ? null : "You may not see this page.";
  if (crossSite(request)) return "Other sites may not read this page.";
  if (allow === "all") return null;
  const { socket, headers } = request;
  if (!comesFromHere(socket)) return "This page is for this machine only.";
  if (isHandedOn(request))
    return "This page is for this machine only, and a proxy handed the request on.";
  if (!isAddressOrLocalhost(headers.host))
    return "This page is for this machine only: ask for localhost.";
  return null;
}

/** nginx, untold, adds no header and changes the host, but it asks in HTTP/1.0, as no browser does. */
function isHandedOn({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    httpVersion === "1.0" ||
    HANDED_ON.some((name) => headers[name] !== undefined)
  );
}

/** A machine that asks itself by its own address has it at both ends. */
function comesFromHere({ localAddress, remoteAddress }: Socket): boolean {
  if (remoteAddress === undefined) return false;
  return isLoopback(remoteAddress) || remoteAddress === localAddress;
}

function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/, "");
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** Names can be made to lead anywhere; addresses, and localhost, cannot. */
function isAddressOrLocalhost(host: string | undefined): boolean {
  const [, bracketed, plain = ""] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host ?? "") ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  const name = plain.toLowerCase().replace(/\.$/, "");
  return (
    isIP(name) === 4 || name === "localhost" || name.endsWith(".localhost")
  );
}

/** Asked for from within a page of another site; to follow a link is allowed. */
function crossSite({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  const mode = headers["sec-fetch-mode"];
  return site === "cross-site" && mode !== "navigate";
}
