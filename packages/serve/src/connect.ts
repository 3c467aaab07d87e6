// The door for Connect, Express and what takes `(request, response, next)`: files of a folder, and what is
// not there is the next handler's.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServeOptions } from "./options.ts";
import type { Guard } from "./root.ts";
import { serveStatic } from "./static.ts";

export type { Dotfiles, ServeOptions, Symlinks } from "./options.ts";
export type { Guard } from "./root.ts";

/** Middleware: `(request, response, next)`. */
export interface ConnectMiddleware {
  (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void;
  /** The folder is open from here on; rejects where there is none. */
  readonly ready: Promise<Guard>;
  /** Lets go of the folder. */
  close(): Promise<void>;
}

/** Serves the files of a folder: `app.use("/static", connect("public"))`. */
export function connect(
  root: string,
  options: ServeOptions = {},
): ConnectMiddleware {
  const handler = serveStatic(root, options);
  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => void handler(request, response, next);
  return Object.assign(middleware, {
    ready: handler.ready,
    close: () => handler.close(),
  });
}

export default connect;
