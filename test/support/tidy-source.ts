// What the tidy rules read: a file's text, its layer, its imports and its syntax tree.
// It knows the names of our folders, and no rule.
import ts from "typescript";

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  path: string;
  text: string;
}

export interface Violation {
  path: string;
  line: number;
  what: string;
  cause: string;
}

export interface Import {
  line: number;
  specifier: string;
  /** The path inside the project, or null for a package that is not the project's. */
  target: string | null;
}

export const WORKERS = "workers";

/** The command is above the packages, some of which it loads; the doors are below them. */
const COMMAND = "src/cli.ts";

/** The layer of a file of src/, workers/ or a package's src/; null for the rest of the project. */
export function layerOf(path: string): string | null {
  const [top, next, deeper] = path.split("/");
  if (top === WORKERS) return WORKERS;
  if (top === "packages") return deeper === "src" ? next! : null;
  if (top !== "src" || next === undefined) return null;
  if (path === COMMAND) return "command";
  return deeper === undefined ? "doors" : next;
}

/** The folder of the package that a file belongs to: `packages/NAME`, or nothing for the core's. */
export const packageOf = (path: string): string =>
  /^packages\/[^/]+/.exec(path)?.[0] ?? "";

const NAMED = /^(?:@node-eio\/([\w-]+)|node-eio)(?:\/([\w.-]+))?$/;

/** The source of what a specifier names: a door of the core or of a package of the project; null for others. */
function sourceNamed(specifier: string): string | null {
  const [match, name, door = "index"] = NAMED.exec(specifier) ?? [];
  if (match === undefined) return null;
  const file = /\.\w+$/.test(door) ? door : `${door}.ts`;
  return name === undefined ? `src/${file}` : `packages/${name}/src/${file}`;
}

const imported = new WeakMap<SourceFile, Import[]>();

export function importsOf(file: SourceFile): Import[] {
  const known = imported.get(file);
  if (known !== undefined) return known;
  const imports = ts
    .preProcessFile(file.text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({
      line: file.text.slice(0, pos).split("\n").length,
      specifier: fileName,
      target: fileName.startsWith(".")
        ? new URL(fileName, `file:///${file.path}`).pathname.slice(1)
        : sourceNamed(fileName),
    }));
  imported.set(file, imports);
  return imports;
}

const parsed = new WeakMap<SourceFile, ts.SourceFile>();

function parse(file: SourceFile): ts.SourceFile {
  let source = parsed.get(file);
  if (source === undefined) {
    const { path, text } = file;
    source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    parsed.set(file, source);
  }
  return source;
}

export function walk(
  file: SourceFile,
  visit: (node: ts.Node, line: number) => void,
): void {
  const source = parse(file);
  const into = (node: ts.Node): void => {
    visit(node, source.getLineAndCharacterOfPosition(node.getStart()).line + 1);
    ts.forEachChild(node, into);
  };
  into(source);
}
