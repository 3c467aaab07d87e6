// How dist/ is made: the doors, the command and the worker, flat, in one format. ESM only, with shared chunks, so that
// however a door is reached (import, require, two doors at once) there is one engine and one pool.
import { defineConfig } from "tsup";
import { thirdPartyNotices } from "./scripts/third-party-notices.ts";

const doors = {
  index: "src/index.ts",
  promises: "src/promises.ts",
  fs: "src/fs.ts",
  register: "src/register.ts",
  eio: "src/eio.ts",
  serve: "src/serve.ts",
  connect: "src/connect.ts",
  fastify: "src/fastify.ts",
  live: "src/live.ts",
  prometheus: "src/prometheus.ts",
};

const common = {
  target: "node20",
  platform: "node",
  removeNodeProtocol: false,
  sourcemap: true,
  // A failed build leaves the last good one; `npm run build` empties dist first.
  clean: false,
} as const;

export default defineConfig([
  {
    ...common,
    entry: {
      ...doors,
      cli: "src/cli.ts",
      "bench-case": "src/bench/case/main.ts",
      "bench-serve": "src/bench/interference/server.ts",
      "bench-load": "src/bench/interference/load.ts",
    },
    format: "esm",
    splitting: true,
    dts: { entry: doors },
    external: ["piscina", "prom-client"],
    noExternal: ["minimatch", "hdr-histogram-js", "mrmime", "ora"],
    esbuildPlugins: [thirdPartyNotices("dist/THIRD-PARTY.md")],
  },
  {
    // The worker alone is CommonJS: Node 20 dies ("IsGraphAsync") when a worker is terminated
    // while a module that it required is being linked, and piscina requires its tasks.
    ...common,
    entry: { worker: "workers/worker.ts" },
    format: "cjs",
    splitting: false,
    outExtension: () => ({ js: ".cjs" }),
  },
  {
    // Scripts for browsers, of the bench's report and of the live page: each page carries its own whole.
    ...common,
    entry: {
      "bench-page": "src/bench/page/main.ts",
      "live-page": "src/live/page/main.ts",
    },
    target: "es2022",
    platform: "browser",
    format: "iife",
    splitting: false,
    minify: true,
    sourcemap: false,
    noExternal: ["uplot"],
    loader: { ".css": "text" },
    outExtension: () => ({ js: ".js" }),
    esbuildPlugins: [thirdPartyNotices("dist/THIRD-PARTY-PAGE.md")],
  },
]);
