// Makes the JavaScript of dist/: each door twice, as CommonJS, which is the code itself, and as an ES module
// that passes on what that one has, so that both share one instance. It does not know what the doors do.
import path from "node:path";
import fs from "node:fs";
import zlib from "node:zlib";
import { build, transform } from "esbuild";
import {
  core,
  doors,
  kept,
  keptWorker,
  late,
  latePackages,
  programs,
} from "./doors.mjs";
import { evaluated } from "./evaluated.mjs";
import { keepModules } from "./keep-modules.mjs";
import { carried } from "./packages.mjs";
import { thirdPartyNotices } from "./third-party-notices.mjs";

const root = path.resolve(import.meta.dirname, "../..");
export const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  logLevel: "warning",
};

const lateFiles = new Map(
  Object.entries(late).map(([name, file]) => [path.join(root, file), name]),
);
const programFiles = new Set(
  Object.values(programs).map((file) => path.join(root, file)),
);
const internal = path.join(root, "src/internal.ts");
const KEPT = "kept.json.br";
/** What is kept as well where a permission may be dropped. */
const KEPT_LATE = "kept-late.json.br";
/** The file that has what all doors share; known when it was made. */
let coreChunk = "";
/** What workers run, which the thread of the loop may load, too. */
const WORKER = `./${keptWorker}.cjs`;
/** What begins with the core; see setUpLate(). */
const behindCore = new Set([
  path.join(root, core.file),
  ...lateFiles.keys(),
  ...Object.keys(doors).map((name) => path.join(root, `src/${name}.ts`)),
]);
/**
 * For tools that read a program to find what it loads (@vercel/nft, and what is built on it): what is found by a path at run
 * time. It is never called.
 */
const TRACED = `function traced(module, platform) {
  const load = module.createRequire(__filename);
  return [load("piscina"), __dirname + "/executor-worker.cjs", __dirname + "/../prebuilds/" + platform + "/node-eio.node"];
}
`;
const isDoorOfInstance = (name) => doors[name]?.property !== undefined;

/** @param {string} out */
export async function bundle(out) {
  fs.mkdirSync(out, { recursive: true });
  await Promise.all([
    bundleDoors(out),
    bundleWorker(out, "worker.cjs", "workers/worker.ts"),
    bundleWorker(out, "executor-worker.cjs", "workers/executor.ts"),
    bundleWorker(out, "simulated.cjs", "workers/simulated/executor.ts", [
      simulatedFiles,
    ]),
  ]);
  await writeKept(out);
}

async function bundleDoors(out) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: {
      ...mapValues(doors, (_door, name) => `src/${name}.ts`),
      ...programs,
      ...late,
      [core.name]: core.file,
    },
    outdir: out,
    chunkNames: "chunk-[hash]",
    format: "esm",
    splitting: true,
    sourcemap: "inline",
    write: false,
    external: ["piscina", "@node-eio/*"],
    plugins: [
      evaluated,
      { name: "late", setup: setUpLate },
      { name: "carried", setup: setUpCarried },
      thirdPartyNotices(path.join(out, "THIRD-PARTY.md")),
    ],
  });
  const exportsOf = Object.fromEntries(
    Object.entries(metafile.outputs).map(([file, { exports }]) => [
      path.basename(file, ".js"),
      exports,
    ]),
  );
  const [chunk] = Object.entries(metafile.outputs).find(([, { inputs }]) =>
    Object.hasOwn(inputs, core.file),
  );
  coreChunk = path.basename(chunk, ".js");
  await Promise.all(
    outputFiles.map(async ({ path: file, text }) => {
      const name = path.basename(file, ".js");
      const door = doors[name];
      if (name in programs || isDoorOfInstance(name))
        await writeEsm(out, name, fromCore(text));
      else await writeCommonJs(out, name, text);
      if (door === undefined) return;
      if (isDoorOfInstance(name)) {
        const object = `require("./${coreChunk}.cjs").eio.${door.property}`;
        fs.writeFileSync(
          path.join(out, `${name}.cjs`),
          `const door = ${object};\n${ownNames(text)}module.exports = door;\n`,
        );
      } else {
        const text = passOn(name, exportsOf[name], door.default);
        fs.writeFileSync(path.join(out, `${name}.js`), text);
      }
    }),
  );
}

/** What a door exports by a name other than its object has it: that object gets it, too, for require(). */
function ownNames(text) {
  const names = [...text.matchAll(/^var (\w+) = door\.(\w+);$/gm)]
    .filter(([, name, own]) => name !== own)
    .map(([, name, own]) => `  ${name}: door.${own},\n`);
  const [constants] = /(?<=^var \{[^}]+\} = )door\.\w+(?=;$)/m.exec(text) ?? [];
  if (constants !== undefined) names.push(`  ...${constants},\n`);
  if (names.length === 0) return "";
  return `for (const [name, value] of Object.entries({\n${names.join("")}}))
  Object.defineProperty(door, name, { value, configurable: true, writable: true });\n`;
}

/**
 * The text of what late modules consist of, beside what the core has loaded by then, as a file of what is always kept and one
 * of the others: to read many at import costs a millisecond. So does each megabyte, and each is a second time in the package: they are
 * without their white space, and compressed.
 */
async function writeKept(out) {
  const textOf = (name) => fs.readFileSync(path.join(out, name), "utf8");
  const reach = (name, found = new Set()) => {
    if (found.has(name)) return found;
    found.add(name);
    for (const [, other] of textOf(name).matchAll(SHARED)) reach(other, found);
    return found;
  };
  const written = reach(`${core.name}.cjs`);
  const writeTexts = async (file, names) => {
    const needed = names
      .flatMap((name) => [...reach(`${name}.cjs`)])
      .filter((name) => !written.has(name) && written.add(name));
    const texts = needed.map(async (name) => {
      const { code } = await transform(textOf(name), KEPT_FORM);
      return [`./${name}`, code];
    });
    const all = Object.fromEntries(await Promise.all(texts));
    const text = zlib.brotliCompressSync(JSON.stringify(all), BROTLI);
    fs.writeFileSync(path.join(out, file), text);
  };
  await writeTexts(KEPT, [...Object.keys(kept), keptWorker]);
  await writeTexts(KEPT_LATE, Object.keys(late));
}

/** Names stay, since classes of users' instances have them; lines are those of no file anyway. */
const KEPT_FORM = {
  minifyWhitespace: true,
  minifySyntax: true,
  platform: "node",
  target: "node20",
};
const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY } = zlib.constants;
const BROTLI = {
  params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 20 },
};

const SHARED = /\brequire\("\.\/(chunk-\w+\.cjs)"\)/g;

/**
 * What is loaded late is somebody else's file for the bundler: another entry. Each of these, and each door, begins with the core, so
 * that all which the core has is in one chunk, and not in one for each set of entries that share it.
 */
function setUpLate({ onLoad, onResolve }) {
  onLoad({ filter: /\/worker-module\.ts$/ }, () => ({
    contents: `import * as import_built_worker from "${WORKER}"; export const loadWorker = () => import_built_worker;`,
    loader: "ts",
  }));
  onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
    if (!behindCore.has(file)) return undefined;
    const text = fs.readFileSync(file, "utf8");
    const first = [core.file, ...core.small]
      .map((file) => `import ${JSON.stringify(path.join(root, file))};\n`)
      .join("");
    return { contents: `${text}\n${first}`, loader: "ts" };
  });
  onResolve({ filter: /^\.{1,2}\// }, ({ path: specifier, importer, kind }) => {
    if (kind !== "import-statement") return undefined;
    if (specifier === WORKER) return { path: WORKER, external: true };
    const file = path.resolve(path.dirname(importer), specifier);
    // What programs share with the core comes by a door: it would be a file of its own otherwise.
    const isShared = file === internal && programFiles.has(importer);
    const name = isShared ? "internal" : lateFiles.get(file);
    return name === undefined
      ? undefined
      : { path: `./${name}.js`, external: true };
  });
}

/** Packages that the core carries are built by themselves, and put beside what is built here. */
function setUpCarried({ onResolve }) {
  onResolve({ filter: /^@node-eio\// }, ({ path: name }) =>
    name in carried
      ? { path: `./${carried[name]}/index.js`, external: true }
      : undefined,
  );
}

/** An ES module that has the exports of a CommonJS one, by names that every loader and bundler finds there. */
export function passOn(name, exported, isDefault) {
  const names = exported.filter((name) => name !== "default");
  const from = JSON.stringify(`./${name}.cjs`);
  if (isDefault === undefined)
    return `export { ${names.join(", ")} } from ${from};\n`;
  return `import { ${names.join(", ")} } from ${from};\nexport { ${names.join(", ")}, ${isDefault} as default };\n`;
}

/** The instance comes from a small file: what an ES module imports is searched for the names of its exports. */
const fromCore = (text) =>
  text
    .replace(/^import "[^"]*";$/gm, "")
    .replace(
      /^import \{\s*eio\s*\} from "[^"]*";$/m,
      `import { eio } from "./${core.name}.js";`,
    );

const toCommonJsNames = (code) =>
  code.replace(/(\b(?:from|import) ?\(?")(\.\/[\w-]+)\.js"/g, '$1$2.cjs"');

export async function writeEsm(out, name, text) {
  const { code, map } = await transform(toCommonJsNames(text), {
    ...{ format: "esm", target: "node20", sourcemap: "external" },
    sourcefile: `${name}.js`,
  });
  write(out, `${name}.js`, code, map);
}

export async function writeCommonJs(
  out,
  name,
  text,
  isDoor = name in doors || name === core.name,
) {
  // What is imported without a name is there for its order, which no file of ours depends on.
  const named = text.replace(/^import "\.\/chunk-[^"]*";$/gm, "");
  const { code } = await transform(toCommonJsNames(named), {
    ...{ format: "cjs", platform: "node", target: "node20" },
    define: {
      "import.meta.filename": "importMetaFilename",
      "import.meta.url": "importMetaUrl",
    },
    sourcefile: `${name}.js`,
    sourcemap: "inline",
  });
  // The doors stay as they are: loaders of ES modules and checkers of types look for the names in their text.
  const small = isDoor ? {} : MINIFY;
  const exported = isDoor ? code : withPlainExports(code);
  const whole = fromNode(loadLate(withoutCopies(exported), name));
  const final = await transform(
    isDoor ? whole : await withoutComments(whole, name),
    {
      ...{ platform: "node", target: "node20", ...small },
      banner: `"use strict";${ownPlace(code)}`,
      sourcefile: `${name}.js`,
      sourcemap: "external",
    },
  );
  // The second transformation drops what the first has left for loaders of ES modules, none of which loads the core's file.
  const [names = ""] =
    /^0 && \(module\.exports = \{[^}]*\}\);$/m.exec(code) ?? [];
  const rest = name === coreChunk ? TRACED : names;
  write(out, `${name}.cjs`, `${final.code.trimEnd()}\n${rest}`, final.map);
}

/**
 * What a file exports is made of accessors, for imports in a circle: two calls for each use, also in the middle of the
 * engine. There are no circles between our files, and nothing that is exported changes.
 */
function withPlainExports(code) {
  const accessors =
    /^var (\w+) = \{\};\n__export\(\1, \{\n([^]*?)\n\}\);\nmodule\.exports = __toCommonJS\(\1\);\n/m;
  const found = accessors.exec(code);
  if (found === null) return code;
  const properties = found[2].replace(/^ {2}([\w$]+): \(\) => /gm, "  $1: ");
  return (
    code.replace(accessors, "") +
    `\nmodule.exports = Object.defineProperty({\n${properties}\n}, "__esModule", { value: true });\n`
  );
}

/**
 * Names stay: users see those of classes, and stacks show those of functions. So do lines: Node shows the one
 * that an uncaught error comes from. A limit on lines would break strings in two, and bundlers indent what they wrap.
 */
const MINIFY = { minifySyntax: true };

/** All of the text is read and scanned at each import. What is printed then has lines again. */
async function withoutComments(text, name) {
  const { code } = await transform(text, {
    ...{ platform: "node", target: "node20", minifyWhitespace: true },
    sourcefile: `${name}.js`,
    sourcemap: "inline",
  });
  return code;
}

/** Inside an ES module that a bundler made there is no __filename: it is where the program is, then. */
const OWN_FILE = `typeof __filename=="string"?__filename:process.argv[1]??process.cwd()+"/bundle"`;
const OWN_URL = `${fromNode('require("node:url")')}.pathToFileURL(${OWN_FILE}).href`;

/** The variables that stand for what an ES module knows of its place, as far as the code has them. */
const ownPlace = (code) =>
  Object.entries({ importMetaFilename: OWN_FILE, importMetaUrl: OWN_URL })
    .filter(([name]) => new RegExp(String.raw`\b${name}\b`).test(code))
    .map(([name, value]) => `const ${name}=${value};`)
    .join("");

/**
 * Node's modules are objects whose properties are what they export: no copy with a default is made of each,
 * which would also call the accessors that load what is seldom needed. One variable serves for all sources in a file.
 */
function withoutCopies(code) {
  const copies =
    /^var (\w+) = __toESM\((require\("(?:node:[\w/]+|\.\/worker\.cjs)"\))(?:, 1)?\);$/gm;
  const first = new Map();
  const replaced = code.replace(copies, (_line, variable, load) => {
    if (first.has(load)) {
      first.get(load).others.push(variable);
      return "";
    }
    first.set(load, { variable, others: [] });
    return `var ${variable} = ${load};`;
  });
  return [...first.values()].reduce((code, { variable, others }) => {
    const anyOf = [variable, ...others].join("|");
    return code.replaceAll(
      new RegExp(String.raw`\b(?:${anyOf})(\.default)?\b`, "g"),
      variable,
    );
  }, replaced);
}

/** Inside an ES module that a bundler made there is no require for Node's modules; Node 22.2 has no other way. */
function fromNode(code) {
  return code.replace(
    /\brequire\("node:[\w/]+"\)/g,
    (load) =>
      `(process.getBuiltinModule?.${load.slice("require".length)} ?? ${load})`,
  );
}

/** A variable that holds a module becomes a function that loads it, once; where there is no core, without what was kept. */
function loadLate(code, chunk) {
  const ours = [...lateFiles.values()].map((name) => `./${name}.cjs`);
  ours.push(WORKER);
  const loading = /^var (import_\w+) = (require\("([^"]+)"\));$/gm;
  const variables = [...code.matchAll(loading)].filter(([, , , name]) =>
    [...ours, ...latePackages].includes(name),
  );
  const isWithoutCore =
    chunk in doors && !code.includes(`require("./${coreChunk}.cjs")`);
  let keeps = false;
  for (const [line, variable, require, name] of variables) {
    const isKept = !isWithoutCore && ours.includes(name);
    const load = isKept
      ? `keptModules(${JSON.stringify(name)}, () => ${require})`
      : require;
    keeps ||= isKept;
    code = code
      .replace(line, "")
      .replaceAll(
        new RegExp(String.raw`\b${variable}\b`, "g"),
        `(${variable}())`,
      )
      .concat(
        `\nvar ${variable}_loaded; function ${variable}() { return ${variable}_loaded ??= ${load}; }\n`,
      );
  }
  if (!keeps) return code;
  if (chunk !== coreChunk)
    return `var keptModules = require("./${coreChunk}.cjs").keptModules;\n${code}`;
  const files = JSON.stringify([KEPT, KEPT_LATE]);
  const node = `{ ${["fs", "module", "vm", "zlib"].map((name) => `${name}: () => require("node:${name}")`).join(", ")} }`;
  const folder = 'typeof __dirname == "string" ? __dirname : null';
  return `var keptModules = keepModules(${files}, ${folder}, ${node});\n${keepModules}\n${code}\nmodule.exports.keptModules = keptModules;\n`;
}

/** Executors of a simulated disk are those of the workers, with its files in the place of Node's. */
const simulatedFiles = {
  name: "simulated-files",
  setup({ onResolve }) {
    const file = path.join(root, "workers/simulated/node-fs.ts");
    onResolve({ filter: /^node:fs$/ }, ({ importer }) =>
      importer === file ? { external: true } : { path: file },
    );
  },
};

/** Workers load one file: Node 20 dies where a worker is terminated while a module that it requires is linked. */
async function bundleWorker(out, name, entry, plugins = []) {
  const file = path.join(out, name);
  const { outputFiles } = await build({
    ...common,
    entryPoints: [entry],
    plugins: [evaluated, ...plugins],
    outfile: file,
    format: "cjs",
    sourcemap: true,
    write: false,
  });
  for (const { path: made, text } of outputFiles)
    fs.writeFileSync(made, made === file ? fromNode(text) : text);
}

function write(out, name, code, map) {
  const file = path.join(out, name);
  fs.writeFileSync(`${file}.map`, map);
  fs.writeFileSync(
    file,
    `${code.trimEnd()}\n//# sourceMappingURL=${name}.map\n`,
  );
  if (code.startsWith("#!")) fs.chmodSync(file, 0o755);
}

export const mapValues = (object, make) =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, make(value, key)]),
  );
