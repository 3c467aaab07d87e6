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
  /** The path inside the project, or null for a package. */
  target: string | null;
}

export const WORKERS = "workers";

/** The layer of a file of src/ or workers/; null for the rest of the project. */
export function layerOf(path: string): string | null {
  const [top, next, deeper] = path.split("/");
  if (top === WORKERS) return WORKERS;
  if (top !== "src" || next === undefined) return null;
  return deeper === undefined ? "doors" : next;
}

export function importsOf(file: SourceFile): Import[] {
  const source = parse(file);
  return ts
    .preProcessFile(file.text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({
      line: source.getLineAndCharacterOfPosition(pos).line + 1,
      specifier: fileName,
      target: fileName.startsWith(".")
        ? new URL(fileName, `file:///${file.path}`).pathname.slice(1)
        : null,
    }));
}

function parse({ path, text }: SourceFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
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
