// Serving files over HTTP: a handler for node:http and what is like it, and a server with limits.
export { serveStatic } from "./serve/static.ts";
export type { Next, StaticHandler } from "./serve/static.ts";
export type { Dotfiles, ServeOptions, Symlinks } from "./serve/options.ts";
export type { Guard } from "./serve/root.ts";
export { startServer } from "./serve/server.ts";
export type { ServerOptions, StaticServer } from "./serve/server.ts";
export { logLine } from "./serve/access-log.ts";
export type { AccessEntry, LogFormat } from "./serve/access-log.ts";
