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
    entry: { ...doors, cli: "src/cli.ts" },
    format: "esm",
    splitting: true,
    dts: { entry: doors },
    external: ["piscina"],
    noExternal: ["minimatch"],
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
]);
