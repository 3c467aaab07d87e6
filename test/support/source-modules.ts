// A plugin of vitest: what tests import of src/ and workers/ is a module that source-modules.cjs makes, and not vitest's loader.
// It knows how sources become CommonJS, and not what is in them.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { build, transformSync } from "esbuild";
import { transform } from "sucrase";

const root = path.resolve(import.meta.dirname, "../..");
const runtime = path.join(import.meta.dirname, "source-modules.cjs");
const FOLDERS = ["src", "workers"];
/** So that the sources' own names are those of their files alone. */
const QUERY = "?module";
const IS_META = /\bimport\.meta\.(url|filename|dirname)\b/g;
const USING = /^\s*(?:await )?using /m;
const metaNames = {
  url: "__url",
  filename: "__filename",
  dirname: "__dirname",
};

export async function sourceModules() {
  const { files, names } = await readSources();
  const pack = writePack(files);
  return {
    name: "source-modules",
    enforce: "pre" as const,
    resolveId(specifier: string, importer?: string): string | undefined {
      if (!specifier.startsWith(".") || importer === undefined)
        return undefined;
      const [from] = importer.split("?");
      const file = path.resolve(path.dirname(from!), specifier);
      return names.has(file) ? file + QUERY : undefined;
    },
    load(id: string): string | undefined {
      if (!id.endsWith(QUERY)) return undefined;
      const file = id.slice(0, -QUERY.length);
      const lines = names
        .get(file)!
        .map((name, i) =>
          name === "default"
            ? "export default source.default;"
            : `const name${i} = source.${name}; export { name${i} as ${name} };`,
        );
      const given = [pack, file].map((text) => JSON.stringify(text)).join(", ");
      return [
        `const source = require(${JSON.stringify(runtime)})(${given});`,
        ...lines,
      ].join("\n");
    },
  };
}

/** All but what has no names of its own, and the names that each exports. */
async function readSources(): Promise<{
  files: string[];
  names: Map<string, string[]>;
}> {
  const files = FOLDERS.flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), {
        recursive: true,
        encoding: "utf8",
      })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .map((name) => path.join(root, folder, name)),
  );
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    format: "esm",
    metafile: true,
    outdir: path.join(root, "dist"),
    write: false,
  });
  const names = new Map<string, string[]>();
  for (const { entryPoint, exports } of Object.values(metafile.outputs))
    names.set(path.join(root, entryPoint!), exports);
  for (const file of files)
    if (/^export \* /m.test(fs.readFileSync(file, "utf8"))) names.delete(file);
  return { files: [...names.keys()], names };
}

function writePack(files: string[]): string {
  const folder = path.join(root, "node_modules/.cache/test-modules");
  fs.mkdirSync(folder, { recursive: true });
  const kept = new KeptCodes(path.join(folder, "kept.json"));
  const codes = files.map((file) => [file, kept.codeOf(file)]);
  kept.save();
  const pack = path.join(folder, `${process.pid}.json`);
  fs.writeFileSync(pack, JSON.stringify(Object.fromEntries(codes)));
  process.on("exit", () => fs.rmSync(pack, { force: true }));
  return pack;
}

type Codes = Record<string, string>;

/** What was made of each source by the run before: most are still the same. */
class KeptCodes {
  readonly #file: string;
  readonly #before: Codes;
  readonly #now: Codes = {};
  readonly #how = fs.readFileSync(import.meta.filename, "utf8");

  constructor(file: string) {
    this.#file = file;
    try {
      this.#before = JSON.parse(fs.readFileSync(file, "utf8")) as Codes;
    } catch {
      this.#before = {};
    }
  }

  codeOf(file: string): string {
    const text = fs.readFileSync(file, "utf8");
    const key = createHash("sha1")
      .update([this.#how, file, text].join("\0"))
      .digest("hex");
    return (this.#now[key] = this.#before[key] ?? compile(file, text));
  }

  /** In one step: other runs may do the same. */
  save(): void {
    const fresh = `${this.#file}.${process.pid}`;
    fs.writeFileSync(fresh, JSON.stringify(this.#now));
    fs.renameSync(fresh, this.#file);
  }
}

/** Lines stay where they are, for stacks to name them. */
function compile(file: string, text: string): string {
  const { code } = transform(text, {
    transforms: ["typescript", "imports"],
    disableESTransforms: true,
    filePath: file,
    // What a caller names is imported as it is; what is ours is one of these modules.
    preserveDynamicImport: !file.includes("/src/"),
  });
  const plain = code.replace(
    IS_META,
    (_, name: keyof typeof metaNames) => metaNames[name],
  );
  // Lines move where a declaration has to be written in other words.
  return USING.test(plain)
    ? transformSync(plain, { target: "node20" }).code
    : plain;
}
