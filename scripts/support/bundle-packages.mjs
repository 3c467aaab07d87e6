// Makes the JavaScript of a package's dist/: its doors as the core's, each as CommonJS and as an ES module that
// passes that on, its programs, and its scripts for browsers. The core and other packages stay outside: there is one of each.
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import {
  common,
  mapValues,
  passOn,
  writeCommonJs,
  writeEsm,
} from "./bundle.mjs";
import { packages } from "./packages.mjs";
import { thirdPartyNotices } from "./third-party-notices.mjs";

/**
 * @param {string} name in packages/
 * @param {string} out
 * @returns {Promise<Record<string, string[]>>} what each of its files exports
 */
export async function bundlePackage(name, out) {
  fs.mkdirSync(out, { recursive: true });
  const [exportsOf] = await Promise.all([
    bundleDoors(name, out),
    bundlePages(name, out),
  ]);
  return exportsOf;
}

async function bundleDoors(name, out) {
  const { doors, programs = {} } = packages[name];
  const inPackage = (file) => `packages/${name}/${file}`;
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: {
      ...mapValues(doors, (_door, door) => inPackage(`src/${door}.ts`)),
      ...mapValues(programs, inPackage),
    },
    outdir: out,
    chunkNames: "chunk-[hash]",
    format: "esm",
    splitting: true,
    // The bench travels in the tarball of the core, whose size has a limit.
    minifyWhitespace: name === "bench",
    minifySyntax: name === "bench",
    sourcemap: "inline",
    write: false,
    external: [
      ...["node-eio", "@node-eio/*"],
      ...["fastify", "prom-client", "@opentelemetry/api"],
    ],
    plugins: [
      withoutWebAssembly,
      thirdPartyNotices(path.join(out, "THIRD-PARTY.md")),
    ],
  });
  const exportsOf = Object.fromEntries(
    Object.entries(metafile.outputs).map(([file, { exports }]) => [
      path.basename(file, ".js"),
      exports,
    ]),
  );
  await Promise.all(
    outputFiles.map(async ({ path: file, text }) => {
      const made = path.basename(file, ".js");
      if (made in programs) return writeEsm(out, made, text);
      const door = doors[made];
      await writeCommonJs(out, made, text, door !== undefined);
      if (door === undefined) return;
      const passing = passOn(made, exportsOf[made], door.default);
      fs.writeFileSync(path.join(out, `${made}.js`), passing);
    }),
  );
  return exportsOf;
}

/** The bench's histograms count in JavaScript: those in WebAssembly, and what unpacks them, would only travel along. */
const withoutWebAssembly = {
  name: "without-web-assembly",
  setup({ onLoad }) {
    onLoad({ filter: /hdr-histogram-js\/dist\/wasm\/index\.js$/ }, () => ({
      contents: "exports.webAssemblyAvailable = false;",
    }));
  },
};

/** Each page carries its script whole. */
async function bundlePages(name, out) {
  const { pages } = packages[name];
  if (pages === undefined) return;
  await build({
    ...common,
    entryPoints: mapValues(pages, (file) => `packages/${name}/${file}`),
    outdir: out,
    target: "es2022",
    platform: "browser",
    format: "iife",
    minify: true,
    loader: { ".css": "text" },
    plugins: [thirdPartyNotices(path.join(out, "THIRD-PARTY-PAGE.md"))],
  });
}
