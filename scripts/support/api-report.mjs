// What a door of a package declares, as a text to compare: each export with its signature, and the types of ours that those
// signatures reach, in an order that does not change. It reads declarations as the compiler does, and does not know what is in them.
import path from "node:path";
import ts from "typescript";
import { declarationProgram } from "./declaration-program.mjs";

const TYPE_FLAGS =
  ts.NodeBuilderFlags.NoTruncation |
  ts.NodeBuilderFlags.InTypeAlias |
  ts.NodeBuilderFlags.MultilineObjectLiterals |
  ts.NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope;

/**
 * @param {Record<string, string>} files declarations, by door; what the first ones export is not repeated in those behind them
 * @param {ts.CompilerOptions} [options]
 * @returns {Record<string, string>} the reports, by door
 */
export function apiReports(files, options = {}) {
  const program = declarationProgram(files, options);
  const known = new Map();
  return Object.fromEntries(
    Object.entries(files).map(([door, file]) => {
      const source = program.getSourceFile(file);
      if (source === undefined) throw new Error(`there is no ${file}`);
      return [door, new Report(program, source, door, known).text()];
    }),
  );
}

class Report {
  #checker;
  #source;
  #door;
  #known;
  #folder;
  #printer = ts.createPrinter({ removeComments: true });
  /** Types that are no exports, in the order in which they are found. */
  #reached = new Set();
  #exported = new Set();

  constructor(program, source, door, known) {
    this.#checker = program.getTypeChecker();
    this.#source = source;
    this.#door = door;
    this.#known = known;
    this.#folder = path.dirname(source.fileName);
  }

  text() {
    const exports = this.#ownExports();
    for (const [, symbol] of exports) this.#exported.add(symbol);
    const stars = this.#source.statements
      .filter(
        (one) => ts.isExportDeclaration(one) && one.exportClause === undefined,
      )
      .map((one) => this.#print(one));
    const elsewhere = [];
    const texts = [];
    for (const [name, symbol] of exports) {
      const from = this.#known.get(symbol);
      const byOwnName = exports.some(
        ([other, its]) => its === symbol && other === symbol.name,
      );
      if (from !== undefined) elsewhere.push(`export ${name}; // as ${from}`);
      else if (byOwnName && name !== symbol.name)
        elsewhere.push(`export ${symbol.name} as ${name};`);
      else texts.push(this.#exportText(name, symbol));
    }
    for (const symbol of this.#exported)
      if (!this.#known.has(symbol)) this.#known.set(symbol, this.#door);
    const beside = [];
    for (const symbol of this.#reached)
      if (!this.#exported.has(symbol) && !this.#known.has(symbol))
        beside.push(`${this.#declarationsOf(symbol).join("\n")}`);
    return [
      `// ${this.#door}: what is public of it. npm run api:update writes this, and a test compares it.`,
      ...sorted(stars),
      ...sorted(elsewhere),
      ...sorted(texts),
      ...(beside.length === 0
        ? []
        : ["// Not exported, but part of what is:", ...sorted(beside)]),
    ]
      .join("\n\n")
      .replace(/\$\d+\b/g, "")
      .replace(/^.{160,}$/gm, onLines)
      .concat("\n");
  }

  /** Without what `export *` passes on. */
  #ownExports() {
    const module = this.#checker.getSymbolAtLocation(this.#source);
    return [...(module?.exports ?? [])]
      .filter(([name]) => name !== ts.InternalSymbolName.ExportStar)
      .map(([name, symbol]) => [String(name), this.#original(symbol)]);
  }

  #exportText(name, symbol) {
    if (!this.#isOurs(symbol))
      return `export ${name} from ${symbol.parent?.name ?? "elsewhere"};`;
    const called = name === symbol.name ? "export" : `export as ${name}:`;
    return this.#declarationsOf(symbol)
      .map((text) => `${called} ${text}`)
      .join("\n");
  }

  #declarationsOf(symbol) {
    return (symbol.declarations ?? []).map((node) => {
      const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node;
      return this.#print(this.#expanded(whole))
        .replace(/^(export )?(declare )?/, "")
        .trim();
    });
  }

  /** Without members that are marked internal, and with `typeof` of functions that nobody can import worked out. */
  #expanded(node) {
    const visit = (one) => {
      if (isInternal(one)) return undefined;
      // What a class says it implements is declared in it once more.
      if (isImplements(one)) return one;
      if (this.#isToBeWorkedOut(one)) {
        const type = this.#checker.getTypeFromTypeNode(one);
        const worked = this.#checker.typeToTypeNode(type, node, TYPE_FLAGS);
        if (worked !== undefined) return this.#noted(worked);
      }
      this.#note(one);
      return ts.visitEachChild(one, visit, undefined);
    };
    return ts.visitNode(node, visit);
  }

  /** `Rest<typeof f>` of a function that is no export, and the keys of a table of ours. */
  #isToBeWorkedOut(node) {
    if (ts.isTypeReferenceNode(node))
      return (node.typeArguments ?? []).some((argument) => {
        if (!ts.isTypeQueryNode(argument)) return false;
        const symbol = this.#symbolAt(argument.exprName);
        return (
          symbol !== undefined &&
          this.#isOurs(symbol) &&
          !this.#exported.has(symbol)
        );
      });
    if (!ts.isTypeOperatorNode(node)) return false;
    const { symbol } = this.#checker.getTypeFromTypeNode(node.type);
    const keys = this.#checker.getTypeFromTypeNode(node);
    return (
      symbol !== undefined &&
      this.#isOurs(symbol) &&
      keys.isUnion() &&
      keys.types.every((key) => key.isStringLiteral())
    );
  }

  /** In an order of its own: the compiler's is that of what it happened to see first. */
  #noted(node) {
    const visit = (one) => {
      this.#note(one);
      const visited = ts.visitEachChild(one, visit, undefined);
      if (!ts.isUnionTypeNode(visited)) return visited;
      const byText = visited.types.map((type) => [this.#print(type), type]);
      byText.sort(([a], [b]) => (a < b ? -1 : 1));
      return ts.factory.createUnionTypeNode(byText.map(([, type]) => type));
    };
    return ts.visitNode(node, visit);
  }

  /** A name that a declaration of ours stands behind. */
  #note(node) {
    if (!ts.isIdentifier(node)) return;
    const symbol = this.#symbolAt(node);
    if (symbol === undefined || !this.#isOurs(symbol)) return;
    const isType = symbol.flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Value);
    if (isType && symbol.declarations.some(isTopLevel))
      this.#reached.add(symbol);
  }

  #symbolAt(node) {
    // Nodes that the compiler made carry theirs along.
    const symbol =
      node.pos < 0 ? node.symbol : this.#checker.getSymbolAtLocation(node);
    return symbol === undefined ? undefined : this.#original(symbol);
  }

  #original(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias
      ? this.#checker.getAliasedSymbol(symbol)
      : symbol;
  }

  #isOurs(symbol) {
    return (symbol.declarations ?? []).some(
      (node) => path.dirname(node.getSourceFile().fileName) === this.#folder,
    );
  }

  #print(node) {
    return this.#printer.printNode(
      ts.EmitHint.Unspecified,
      node,
      node.pos < 0 ? this.#source : node.getSourceFile(),
    );
  }
}

const isTopLevel = (node) => {
  const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return ts.isSourceFile(whole.parent);
};

const isInternal = (node) =>
  ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal");

/** Many names of a union on a line each, for a diff to show which is gone. */
const onLines = (line) => line.replaceAll(' | "', '\n    | "');

const isImplements = (node) =>
  ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword;

const sorted = (texts) => [...texts].sort();
