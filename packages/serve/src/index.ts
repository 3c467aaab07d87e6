// Serving files over HTTP: a handler for node:http and what is like it, and a server with limits.
export { serveStatic } from "./static.ts";
export type { Next, StaticHandler } from "./static.ts";
export type { Dotfiles, ServeOptions, Symlinks } from "./options.ts";
export type { Guard } from "./root.ts";
export { startServer } from "./server.ts";
export type { ServerOptions, StaticServer } from "./server.ts";
export { logLine } from "./access-log.ts";
export type { AccessEntry, LogFormat } from "./access-log.ts";
