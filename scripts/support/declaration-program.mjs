// Declarations as the compiler sees them. What is Node's or the compiler's own is read once in a process, however many programs have
// it. It does not know what is declared.
import ts from "typescript";

const EVERYBODYS = /[\\/]node_modules[\\/](?:typescript|@types)[\\/]/;
/** By the name of the file. */
const everybodys = new Map();

/**
 * @param {Record<string, string>} files declarations, by door
 * @param {ts.CompilerOptions} [change]
 */
export function declarationProgram(files, change = {}) {
  const options = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts"],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    ...change,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...more) => {
    if (!EVERYBODYS.test(name)) return read(name, ...more);
    if (!everybodys.has(name)) everybodys.set(name, read(name, ...more));
    return everybodys.get(name);
  };
  return ts.createProgram(Object.values(files), options, host);
}
