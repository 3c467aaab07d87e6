// The installers that lay packages out in ways of their own, where a package finds what it declares and nothing else.
import path from "node:path";
import { obtainRuntime } from "../../../bench/support/runtimes.mjs";
import { NotHere } from "../tool-project.mjs";
import { assertWhole, printed } from "./bundles.mjs";

/** An application that depends on the core's tarball alone. */
function prepare(project) {
  const [{ file }] = project.packed.tarballs;
  project.write("package.json", {
    ...{ name: "app", private: true, type: "module" },
    dependencies: { "node-eio": `file:${file}` },
  });
  project.copy("app.mjs");
}

const registry = (project) =>
  project.run("npm", ["config", "get", "registry"]).trim();

export const installers = [
  {
    name: "pnpm",
    packages: { pnpm: "^12" },
    works:
      "its strict layout: piscina is found by node-eio, and by nobody else",
    check(project) {
      const { file: node, reason } = obtainRuntime("node26");
      if (node === undefined) throw new NotHere(reason);
      prepare(project);
      project.write("pnpm-workspace.yaml", "packages: []\n");
      const store = path.join(project.tools, "store");
      project.run(node, [
        project.tool("pnpm/bin/pnpm.mjs"),
        ...["install", "--ignore-scripts", "--store-dir", store],
      ]);
      assertWhole(project, printed(project, project.app, ["app.mjs"]));
    },
  },
  {
    name: "Yarn PnP",
    packages: { "@yarnpkg/cli-dist": "^4" },
    works: "Plug'n'Play, without node_modules",
    check(project) {
      prepare(project);
      const settings = {
        ...{ nodeLinker: "pnp", enableTelemetry: false, enableScripts: false },
        ...{ enableGlobalCache: false, enableImmutableInstalls: false },
        cacheFolder: path.join(project.tools, "cache"),
        npmRegistryServer: registry(project),
      };
      const lines = Object.entries(settings).map(
        ([name, value]) => `${name}: ${JSON.stringify(value)}\n`,
      );
      project.write(".yarnrc.yml", lines.join(""));
      project.write("yarn.lock", "");
      const yarn = project.tool("@yarnpkg/cli-dist/bin/yarn.js");
      project.node([yarn, "install"]);
      assertWhole(
        project,
        printed(project, project.app, [yarn, "node", "app.mjs"]),
      );
    },
  },
];
