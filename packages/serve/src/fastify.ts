// The door for Fastify: a plugin that serves a folder below a prefix, and gives replies a method that sends
// a file of it. It follows Fastify's conventions for plugins; what is served, and how, is serveStatic's.
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { serveOptionsOf, type ServeOptions } from "./options.ts";
import { serveStatic, type StaticHandler } from "./static.ts";

export type { Dotfiles, ServeOptions, Symlinks } from "./options.ts";

export interface EioStaticOptions extends Omit<ServeOptions, "fallthrough"> {
  /** The folder. */
  root: string;
  /** Where it is served; `/` by default. */
  prefix?: string;
  /** Whether there are routes for its files; yes by default. */
  serve?: boolean | undefined;
  /** Whether replies get `eioSendFile`; yes by default. Once per instance: for a second folder say no. */
  decorateReply?: boolean | undefined;
}

declare module "fastify" {
  interface FastifyReply {
    /** Answers with a file below the plugin's folder; what is not there is the 404 handler's. */
    eioSendFile(path: string): FastifyReply;
  }
}

/** What is the plugin's, or Fastify's of every plugin. */
const OWN = [
  ...["root", "prefix", "serve", "decorateReply"],
  ...["logLevel", "logSerializers"],
];

const plugin: FastifyPluginAsync<EioStaticOptions> = async (
  fastify,
  options,
) => {
  const { root, prefix = "/", serve = true, decorateReply = true } = options;
  const handler = serveStatic(root, serveOptionsOf(options, OWN));
  // Where the folder does not exist the application does not start.
  await handler.ready;
  fastify.addHook("onClose", () => handler.close());
  if (decorateReply)
    fastify.decorateReply("eioSendFile", function (path: string) {
      answer(handler, this.request, this, path);
      return this;
    });
  if (serve) addRoutes(fastify, handler, prefix);
};

function addRoutes(
  fastify: FastifyInstance,
  handler: StaticHandler,
  prefix: string,
): void {
  const base = `/${prefix}/`.replace(/\/+/g, "/");
  const schema = { hide: true };
  fastify.route({
    method: ["GET", "HEAD"],
    url: `${base}*`,
    schema: schema as object,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      const { "*": path } = request.params as { "*": string };
      answer(handler, request, reply, path);
      return reply;
    },
  });
}

/** What is not a file of ours is Fastify's: its 404 handler, its error handler. */
function answer(
  handler: StaticHandler,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
): void {
  const { raw: response } = reply;
  // What hooks and handlers said so far goes with the file.
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) response.setHeader(name, value);
  void handler.send(request.raw, response, path, (error) => {
    if (error === undefined) reply.callNotFound();
    else reply.send(error as Error);
  });
}

/** Its routes and its decorator are the application's, not a scope of their own. */
const eioStatic: FastifyPluginAsync<EioStaticOptions> = Object.assign(plugin, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "node-eio",
  [Symbol.for("plugin-meta")]: { name: "node-eio", fastify: "5.x" },
});

export default eioStatic;
export { eioStatic };
