// The packages beside the core, as data: what it is made of, below its folder in packages/. It does not know how any of
// it is made, nor what is only bundled into others (packages/page).

/**
 * `doors`: as those of the core, from src/NAME.ts. `programs`: name in dist/ to file, which stay ES modules.
 * `pages`: scripts for browsers.
 */
export const packages = {
  bench: {
    doors: { index: {} },
    programs: {
      case: "src/case/main.ts",
      server: "src/interference/server.ts",
      load: "src/interference/load.ts",
      probe: "src/app/probe.ts",
    },
    pages: { page: "src/page/main.ts" },
  },
  live: {
    doors: { index: {}, prometheus: {}, opentelemetry: {} },
    pages: { "live-page": "src/page/main.ts" },
  },
  serve: {
    doors: {
      index: {},
      connect: { default: "connect" },
      fastify: { default: "eioStatic" },
      command: {},
    },
  },
};

/** Doors of the core that pass on what a package has, where that is installed: by their name in dist/. */
export const passedOn = {
  serve: { package: "serve", door: "index" },
  connect: { package: "serve", door: "connect" },
  fastify: { package: "serve", door: "fastify" },
  live: { package: "live", door: "index" },
  prometheus: { package: "live", door: "prometheus" },
  opentelemetry: { package: "live", door: "opentelemetry" },
};

/** Packages that the core carries whole, in a folder of its dist/, so that they need no installation of their own. */
export const carried = { "@node-eio/bench": "bench" };
