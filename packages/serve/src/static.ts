// serveStatic: responses with the files of a folder. It decides which file, and which page where
// there is none; how a file becomes an answer is respond.ts's.
import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptedCodings } from "./codings.ts";
import { HttpError, httpErrorOf, statusText } from "./http-error.ts";
import { listFolder } from "./listing.ts";
import { settingsOf, type ServeOptions, type Settings } from "./options.ts";
import { errorPage, PAGE_HEADERS } from "./pages.ts";
import { sendEntity, sendPieces, sendText } from "./respond.ts";
import { Root, type Found, type Guard } from "./root.ts";
import { isCompressible, typeOf } from "./types.ts";
import { encodePath, isHidden, urlPath, type UrlPath } from "./url-path.ts";

/** Called when the request is somebody else's, or has failed. */
export type Next = (error?: unknown) => void;

export interface StaticHandler {
  /** Answers the request; with `next`, what is not here is left to it. */
  (
    request: IncomingMessage,
    response: ServerResponse,
    next?: Next,
  ): Promise<void>;
  /** The folder is open and looked at from here on; rejects where there is none. */
  readonly ready: Promise<Guard>;
  /** Answers with a file below the folder, whatever the request's own path is. */
  send(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    next?: Next,
  ): Promise<void>;
  /** Lets go of the folder. */
  close(): Promise<void>;
}

const METHODS = "GET, HEAD, OPTIONS";

/** A handler for node:http, Connect and Express that serves the files of a folder. */
export function serveStatic(
  folder: string,
  options: ServeOptions = {},
): StaticHandler {
  const settings = settingsOf(options);
  const root = Root.open(folder, settings);
  const ready = root.then(({ guard }) => guard);
  // It rejects for whoever awaits it; otherwise each request fails with it.
  ready.catch(() => {});

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    next: Next | undefined,
    path: string | null,
  ): Promise<void> => {
    try {
      const wanted = askedOf(request, path, settings);
      if (wanted === null) return sendOptions(response);
      await new Answer(await root, settings, request, response).give(wanted);
    } catch (error) {
      fail(error, request, response, next, settings.fallthrough);
    }
  };
  const handler = (
    request: IncomingMessage,
    response: ServerResponse,
    next?: Next,
  ): Promise<void> => answer(request, response, next, null);
  return Object.assign(handler, {
    ready,
    send: (
      request: IncomingMessage,
      response: ServerResponse,
      path: string,
      next?: Next,
    ) => answer(request, response, next, path),
    // Where it never opened, ready has rejected.
    close: () =>
      root.then(
        (opened) => opened.close(),
        () => {},
      ),
  });
}

/** null for OPTIONS. */
function askedOf(
  { method, url = "/" }: IncomingMessage,
  path: string | null,
  settings: Settings,
): UrlPath | null {
  if (method === "OPTIONS" && path === null) return null;
  if (method !== "GET" && method !== "HEAD")
    throw new HttpError(405, { allow: METHODS });
  const encoded =
    path === null
      ? url
      : `/${path.split("/").map(encodeURIComponent).join("/")}`;
  const wanted = urlPath(encoded, settings.maxUrlBytes);
  if (settings.dotfiles !== "allow" && isHidden(wanted.names))
    throw new HttpError(settings.dotfiles === "deny" ? 403 : 404);
  return wanted;
}

function sendOptions(response: ServerResponse): void {
  response.writeHead(204, { allow: METHODS }).end();
}

/** One request on its way to an answer. */
class Answer {
  readonly #root: Root;
  readonly #settings: Settings;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(
    root: Root,
    settings: Settings,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#root = root;
    this.#settings = settings;
    this.#request = request;
    this.#response = response;
  }

  async give(wanted: UrlPath): Promise<void> {
    const found = await this.#root.find(wanted.names);
    if (found === null) throw new HttpError(404);
    try {
      if (found.stats.isFile()) {
        if (wanted.folder) throw new HttpError(404);
        await this.#giveFile(wanted.names, found);
      } else if (wanted.folder) await this.#giveFolder(wanted.names, found);
      else this.#redirect(wanted);
    } finally {
      await found.handle.close();
    }
  }

  async #giveFolder(names: string[], folder: Found): Promise<void> {
    const { index, listing } = this.#settings;
    for (const name of index) {
      const inside = [...names, name];
      const found = await this.#root.find(inside);
      if (found === null) continue;
      try {
        if (found.stats.isFile()) return await this.#giveFile(inside, found);
      } finally {
        await found.handle.close();
      }
    }
    if (!listing) throw new HttpError(403);
    const pieces = await listFolder(this.#settings, folder.handle, names);
    await sendPieces(this.#request, this.#response, 200, pieces, PAGE_HEADERS);
  }

  async #giveFile(names: string[], found: Found): Promise<void> {
    const { precompressed, types } = this.#settings;
    const type = typeOf(names.at(-1)!, types);
    if (!precompressed || !isCompressible(type))
      return await this.#send(names, found, type, null, false);
    const header = this.#request.headers["accept-encoding"];
    for (const { name, suffix } of acceptedCodings(String(header ?? ""))) {
      const variant = await this.#root.find([
        ...names.slice(0, -1),
        names.at(-1)! + suffix,
      ]);
      if (variant === null) continue;
      try {
        if (variant.stats.isFile())
          return await this.#send(names, variant, type, name, true);
      } finally {
        await variant.handle.close();
      }
    }
    await this.#send(names, found, type, null, true);
  }

  #send(
    names: string[],
    { handle, stats }: Found,
    type: string,
    coding: string | null,
    varies: boolean,
  ): Promise<void> {
    return sendEntity(this.#settings, this.#request, this.#response, {
      path: `/${names.join("/")}`,
      ...{ handle, stats, type, coding, varies },
    });
  }

  /** To the same address with a slash: that of whoever mounted us, too. */
  #redirect({ names }: UrlPath): void {
    const { url = "/", originalUrl = url } = this.#request as {
      url?: string;
      originalUrl?: string;
    };
    const wanted = urlPath(originalUrl, Number.MAX_SAFE_INTEGER);
    // Somebody sends a folder under another name: there is no such address to send the client to.
    if (wanted.names.at(-1) !== names.at(-1)) throw new HttpError(404);
    const location = `/${encodePath(wanted.names)}/${wanted.query}`;
    const page = errorPage(301, "Moved Permanently");
    const headers = { ...PAGE_HEADERS, location };
    sendText(this.#request, this.#response, 301, page, headers);
  }
}

/** A page, the next handler, or, where part of an answer has gone, the end of the connection. */
function fail(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next | undefined,
  fallthrough: boolean,
): void {
  if (response.headersSent || response.destroyed)
    return void response.destroy();
  const failure = httpErrorOf(error);
  const { status, headers } = failure;
  if (next !== undefined) {
    const isNextsOwn =
      fallthrough && [400, 403, 404, 405, 414].includes(status);
    if (isNextsOwn) return next();
    if (status !== 412 && status !== 416) {
      if (failure !== error) failure.cause = error;
      return next(failure);
    }
  }
  const page = errorPage(status, statusText(status));
  sendText(request, response, status, page, { ...PAGE_HEADERS, ...headers });
}
