// The compilers: TypeScript of several years in every mode of its modules, and what compiles a program as it is run. It knows
// what people set, and not what our declarations are made of.
import assert from "node:assert/strict";
import path from "node:path";

const OLD_COMMONJS = {
  module: "commonjs",
  moduleResolution: "node10",
  esModuleInterop: true,
};
/** Compiler options by the name of the mode. */
const modes = {
  nodenext: { module: "nodenext" },
  "nodenext, CommonJS": { module: "nodenext", commonJs: true },
  node16: { module: "node16" },
  "node16, CommonJS": { module: "node16", commonJs: true },
  bundler: { module: "esnext", moduleResolution: "bundler" },
  CommonJS: OLD_COMMONJS,
};
/** Those that find the two sets of our declarations, which are then checked themselves: the other modes find the same ones. */
const whole = ["nodenext", "CommonJS"];
/** From TypeScript 6 on, node10 is deprecated; 7 has none. */
const commonJsOf = {
  6: { ...OLD_COMMONJS, ignoreDeprecations: "6.0" },
  7: { ...OLD_COMMONJS, moduleResolution: "bundler" },
};
const peers = {
  fastify: "^5",
  "prom-client": "^15",
  "@opentelemetry/api": "^1.9",
};
const TYPES = { "@types/node": "^26", ...peers };

const typescript = (version, more = {}) => ({
  name: `TypeScript ${version}`,
  packages: { typescript: `~${version}.0`, ...TYPES, ...more },
  works: `\`strict\`, of every entry point: ${Object.keys(modes).join("; ")}`,
  check(project) {
    project.install();
    const major = Number(version.split(".")[0]);
    for (const [mode, given] of Object.entries(modes)) {
      const { commonJs = false, ...options } =
        mode === "CommonJS" ? (commonJsOf[major] ?? given) : given;
      const folder = mode.replace(/\W+/g, "-");
      project.copy("every-door.ts", `${folder}/every-door.ts`);
      project.write(`${folder}/package.json`, {
        type: commonJs || mode === "CommonJS" ? "commonjs" : "module",
      });
      project.write(`${folder}/tsconfig.json`, {
        compilerOptions: {
          ...{ strict: true, target: "es2022", noEmit: true },
          ...{ lib: ["esnext"], types: ["node"] },
          ...options,
          skipLibCheck: !whole.includes(mode),
        },
        files: ["every-door.ts"],
      });
      project.node([project.tool("typescript/bin/tsc"), "-p", folder]);
    }
  },
});

/** What the program of every door prints, run by `args` of Node. */
function runProgram(project, args, options) {
  project.write("data/file", "content");
  const data = path.join(project.app, "data");
  const printed = project.node(
    [...args, path.join(data, "file"), data],
    options,
  );
  assert.deepEqual(JSON.parse(printed), {
    ...{ text: "content", names: ["file"], size: 7, registered: true },
    ...{ code: "ERR_EIO_CLOSED", result: 0 },
  });
}

export const compilers = [
  typescript("5.4", { "@types/node": "^20" }),
  typescript("5.9"),
  typescript("6.0"),
  typescript("7.0"),
  {
    name: "tsx",
    packages: { tsx: "^4", ...peers },
    works: "a program with every entry point, as an ES module and as CommonJS",
    check(project) {
      project.install();
      for (const type of ["module", "commonjs"]) {
        project.write("package.json", { type });
        project.copy("every-door.ts");
        runProgram(project, [
          project.tool("tsx/dist/cli.mjs"),
          "every-door.ts",
        ]);
      }
    },
  },
  {
    name: "ts-node",
    packages: { "ts-node": "^10", typescript: "~5.9.0", ...TYPES },
    works: "a program with every entry point, with its types checked",
    check(project) {
      project.install();
      project.copy("every-door.ts");
      project.write("package.json", { type: "commonjs" });
      project.write("tsconfig.json", {
        compilerOptions: {
          ...{ strict: true, target: "es2022", types: ["node"] },
          ...OLD_COMMONJS,
        },
      });
      runProgram(project, [
        project.tool("ts-node/dist/bin.js"),
        "every-door.ts",
      ]);
    },
  },
];
