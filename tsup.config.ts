// How dist/ is made: three doors and the worker, flat, in one format. ESM only, with shared chunks, so that
// however a door is reached (import, require, two doors at once) there is one engine and one pool.
import { defineConfig } from "tsup";
import { thirdPartyNotices } from "./scripts/third-party-notices.ts";

const doors = {
  index: "src/index.ts",
  promises: "src/promises.ts",
  fs: "src/fs.ts",
};

export default defineConfig({
  entry: { ...doors, worker: "workers/worker.ts" },
  format: "esm",
  target: "node20",
  platform: "node",
  splitting: true,
  removeNodeProtocol: false,
  dts: { entry: doors },
  sourcemap: true,
  // A failed build leaves the last good one; `npm run build` empties dist first.
  clean: false,
  external: ["piscina"],
  noExternal: ["minimatch"],
  esbuildPlugins: [thirdPartyNotices("dist/THIRD-PARTY.md")],
});
