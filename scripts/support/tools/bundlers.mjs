// The bundlers, each as its users set it up for a program of Node's: what test/tools/app.mjs does in what they make, alone and
// beside the installed package. It knows what each is called with.
import fs from "node:fs";
import path from "node:path";
import { obtainRuntime } from "../../../bench/support/runtimes.mjs";
import { NotHere } from "../tool-project.mjs";
import { assertBundle, assertWhole, printed } from "./bundles.mjs";

const ALONE =
  "a bundle in one file reads, writes and runs `custom()` on the calling thread. For threads and native code install `node-eio` beside it";

/** A program that bundles; modules are those of the tool. */
const withTool = (project, program) => {
  project.write("build.mjs", program);
  project.node(["build.mjs"]);
};

function prepared(project) {
  project.install();
  project.copy("app.mjs");
  return project;
}

const rollupOptions = `{
  input: "app.mjs", external: /^node:/, logLevel: "silent",
  plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
}`;

export const bundlers = [
  {
    name: "esbuild",
    packages: { esbuild: "^0.28" },
    works: "ES module and CommonJS",
    know: `${ALONE} and set \`external: ["node-eio"]\`, or leave it in: the bundle looks for it there`,
    check(project) {
      prepared(project);
      for (const [format, file] of [
        ["esm", "out.mjs"],
        ["cjs", "out.cjs"],
      ]) {
        const options = { entryPoints: ["app.mjs"], outfile: file, format };
        withTool(
          project,
          `import { build } from "esbuild"; await build(${JSON.stringify({ ...options, bundle: true, platform: "node" })});`,
        );
        assertBundle(project, file);
      }
    },
  },
  {
    name: "Rollup",
    packages: {
      rollup: "^4",
      "@rollup/plugin-commonjs": "^29",
      "@rollup/plugin-node-resolve": "^16",
    },
    works: "ES module and CommonJS",
    know: "the same, with `inlineDynamicImports`",
    check(project) {
      prepared(project);
      withTool(
        project,
        `import commonjs from "@rollup/plugin-commonjs";
         import { nodeResolve } from "@rollup/plugin-node-resolve";
         import { rollup } from "rollup";
         const bundle = await rollup(${rollupOptions});
         for (const [format, file] of [["esm", "out.mjs"], ["cjs", "out.cjs"]])
           await bundle.write({ file, format, inlineDynamicImports: true });`,
      );
      for (const file of ["out.mjs", "out.cjs"]) assertBundle(project, file);
    },
  },
  {
    name: "webpack",
    packages: { webpack: "^5" },
    works: "ES module and CommonJS",
    know: 'the same, with `target: "node20"`',
    check(project) {
      prepared(project);
      const kinds = {
        "out.cjs": { output: { library: { type: "commonjs2" } } },
        "out.mjs": {
          output: { module: true },
          experiments: { outputModule: true },
        },
      };
      for (const [filename, { output, ...more }] of Object.entries(kinds)) {
        const options = {
          ...{ mode: "production", target: "node20", entry: "./app.mjs" },
          ...{ context: project.app, ...more },
          output: { path: project.app, filename, ...output },
        };
        withTool(
          project,
          `import webpack from "webpack";
           webpack(${JSON.stringify(options)}, (error, stats) => {
             if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString());
           });`,
        );
        assertBundle(project, filename);
      }
    },
  },
  {
    name: "Vite SSR",
    packages: { vite: "^8" },
    works: "`vite build --ssr`, and modules that the development server loads",
    know: "packages stay outside of an SSR build, so it needs nothing; with `ssr.noExternal: true` it is a bundle as the others",
    check(project) {
      prepared(project);
      const build = (noExternal, outDir) =>
        `import { build } from "vite";
         await build({ logLevel: "error", ssr: ${noExternal ? "{ noExternal: true }" : "{}"},
           build: { ssr: "app.mjs", outDir: ${JSON.stringify(outDir)} } });`;
      withTool(project, build(false, "outside"));
      const outside = path.join(project.app, "outside");
      fs.writeFileSync(path.join(outside, "package.json"), '{"type":"module"}');
      const [file] = scriptsIn(outside);
      assertWhole(project, printed(project, outside, [file]));

      withTool(project, build(true, "inside"));
      const inside = path.join(project.app, "inside");
      const [whole] = scriptsIn(inside);
      fs.renameSync(
        path.join(inside, whole),
        path.join(project.app, "out.mjs"),
      );
      assertBundle(project, "out.mjs");

      project.write(
        "server.mjs",
        `import { createServer } from "vite";
         const server = await createServer({ logLevel: "error", appType: "custom", server: { middlewareMode: true, ws: false, watch: null } });
         const print = console.log;
         const line = new Promise((resolve) => (console.log = resolve));
         await server.ssrLoadModule("/app.mjs");
         print(await line);
         await server.close();`,
      );
      assertWhole(project, printed(project, project.app, ["server.mjs"]));
    },
  },
  {
    name: "ncc",
    packages: { "@vercel/ncc": "^0.45" },
    works: "an ES module in files of its own",
    know: "the same",
    check(project) {
      prepared(project);
      const cli = project.tool("@vercel/ncc/dist/ncc/cli.js");
      project.node([cli, "build", "app.mjs", "-o", "made"]);
      const made = path.join(project.app, "made");
      const [file] = scriptsIn(made).filter((name) => /^index\./.test(name));
      // What belongs to it is beside it.
      assertBundle(project, `made/${file}`, (folder, name) => {
        fs.cpSync(made, folder, { recursive: true });
        return printed(project, folder, [name]);
      });
    },
  },
  {
    name: "@vercel/nft",
    packages: { "@vercel/nft": "^1" },
    works: "traces worker, addon and piscina: what it lists runs as the whole",
    check(project) {
      prepared(project);
      project.write(
        "trace.mjs",
        `import { nodeFileTrace } from "@vercel/nft";
         const { fileList, warnings } = await nodeFileTrace(["app.mjs"], { base: "." });
         console.log(JSON.stringify({ files: [...fileList], warnings: [...warnings].map(String) }));`,
      );
      const { files } = JSON.parse(project.node(["trace.mjs"]));
      const place = project.place({ installed: false });
      for (const file of files) {
        const to = path.join(place, file);
        fs.mkdirSync(path.dirname(to), { recursive: true });
        fs.copyFileSync(path.join(project.app, file), to);
      }
      assertWhole(project, printed(project, place, ["app.mjs"]));
    },
  },
  {
    name: "node:sea",
    packages: { esbuild: "^0.28", postject: "1.0.0-alpha.6" },
    works: "a single executable, of Node 20 and 26",
    know: ALONE,
    check(project) {
      prepared(project);
      withTool(
        project,
        `import { build } from "esbuild";
         await build({ entryPoints: ["app.mjs"], outfile: "out.cjs", format: "cjs", bundle: true, platform: "node" });`,
      );
      const versions = {};
      for (const major of ["20", "26"]) {
        const { file: node, reason } = obtainRuntime(`node${major}`);
        if (node === undefined) throw new NotHere(reason);
        versions[`Node ${major}`] = project
          .run(node, ["-p", "process.versions.node"])
          .trim();
        makeExecutable(project, node, `program-${major}`);
        assertBundle(project, `program-${major}`, (folder, name) =>
          printed(project, folder, [], { command: path.join(folder, name) }),
        );
      }
      return versions;
    },
  },
];

function makeExecutable(project, node, name) {
  const options = { main: "out.cjs", output: `${name}.blob` };
  project.write("sea.json", {
    ...options,
    disableExperimentalSEAWarning: true,
  });
  project.run(node, ["--experimental-sea-config", "sea.json"]);
  const program = path.join(project.app, name);
  fs.copyFileSync(fs.realpathSync(node), program);
  fs.chmodSync(program, 0o755);
  project.node([
    project.tool("postject/dist/cli.js"),
    ...[program, "NODE_SEA_BLOB", `${name}.blob`],
    ...["--sentinel-fuse", "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"],
  ]);
}

const scriptsIn = (folder) =>
  fs.readdirSync(folder).filter((name) => /\.[cm]?js$/.test(name));
