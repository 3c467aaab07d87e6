// What an editor shows nothing of: exported functions and classes of declarations without a comment. It reads declarations as the compiler does, and does
// not know what is in them.
import ts from "typescript";
import { declarationProgram } from "./declaration-program.mjs";

/**
 * @param {Record<string, string>} files declarations, by door
 * @returns {string[]} `door: name`
 */
export function undocumented(files) {
  const program = declarationProgram(files);
  const checker = program.getTypeChecker();
  const isSilent = (symbol) =>
    symbol.getDocumentationComment(checker).length === 0;
  return Object.entries(files).flatMap(([door, file]) => {
    const source = program.getSourceFile(file);
    return checker
      .getExportsOfModule(checker.getSymbolAtLocation(source))
      .flatMap((exported) => {
        const symbol =
          exported.flags & ts.SymbolFlags.Alias
            ? checker.getAliasedSymbol(exported)
            : exported;
        if (!(symbol.flags & ts.SymbolFlags.Value) || isNodes(symbol))
          return [];
        const type = checker.getTypeOfSymbolAtLocation(symbol, source);
        const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
        const shown = type.getCallSignatures().length > 0 || isClass;
        const members = isClass
          ? methodsOf(checker, checker.getDeclaredTypeOfSymbol(symbol), source)
          : [];
        return [
          ...(shown && isSilent(symbol) ? [exported.name] : []),
          ...members
            .filter(([, member]) => isSilent(member))
            .map(([name]) => `${exported.name}.${name}`),
        ];
      })
      .map((name) => `${door}: ${name}`);
  });
}

/** Public methods that are declared here, and those of an instance's `sys`. */
const methodsOf = (checker, type, source) =>
  type.getProperties().flatMap((member) => {
    const { name, valueDeclaration: node } = member;
    if (name === "sys")
      return methodsOf(
        checker,
        checker.getTypeOfSymbolAtLocation(member, source),
        source,
      ).map(([inner, symbol]) => [`sys.${inner}`, symbol]);
    const isMethod =
      node !== undefined &&
      (ts.isMethodDeclaration(node) || ts.isMethodSignature(node));
    const isInner =
      name.startsWith("__") ||
      member.getJsDocTags().some((tag) => tag.name === "internal");
    return isMethod && !isInner && !isNodes(member) ? [[name, member]] : [];
  });

/** What a door passes on of Node's. */
const isNodes = (symbol) =>
  (symbol.declarations ?? []).every(
    (node) =>
      /\/@types\/node\//.test(node.getSourceFile().fileName) ||
      isTypeOfNodes(node),
  );

/** `declare const Stats: typeof fs.Stats`: a class of Node's by the name that Node has for it. */
const isTypeOfNodes = (node) =>
  ts.isVariableDeclaration(node) &&
  /^[A-Z_]/.test(node.name.getText()) &&
  !/^eio|^EIO/.test(node.name.getText());
