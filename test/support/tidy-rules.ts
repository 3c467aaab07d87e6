// The rules of the style that a machine can check, one small function each, over texts of files.
import ts from "typescript";
import { importCircles, importOrder, packagesByName } from "./tidy-imports.ts";
import {
  layerOf,
  walk,
  type SourceFile,
  type Violation,
} from "./tidy-source.ts";

const LINES_MAX = 600;
const SLEEP_MAX_MS = 9;
/** Words of the engine's own that are also names of ops: a backend's reply, and the verb. */
const ENGINE_WORDS = ["busy", "close"];

export const rules: Record<string, (files: SourceFile[]) => Violation[]> = {
  importOrder,
  importCircles,
  packagesByName,
  onePiscina,
  engineKnowsNoOp,
  fileLength,
  openingComment,
  leftForLater,
  sleepsInTests,
  fileNames,
  submitWithTerms,
};

const ITS_FILE = "src/backends/resident-threads.ts";

function onePiscina(files: SourceFile[]): Violation[] {
  const word = /piscina/i;
  return files.flatMap((file) => {
    if (layerOf(file.path) === null || file.path === ITS_FILE) return [];
    // To parse them all takes seconds.
    if (!word.test(file.text)) return [];
    return namesIn(file)
      .filter(({ name }) => word.test(name))
      .map(({ name, line }) => ({
        path: file.path,
        line,
        what: `names piscina (${name}); only ${ITS_FILE} may`,
        cause: "a matter of worker threads has left the file that owns them",
      }));
  });
}

/** Identifiers and strings; comments may say what they like. */
function namesIn(file: SourceFile): { name: string; line: number }[] {
  const found: { name: string; line: number }[] = [];
  walk(file, (node, line) => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) {
      found.push({ name: node.text, line });
    }
  });
  return found;
}

/** What the engine may need of ops/ is how many there are and what kind, never which. */
function engineKnowsNoOp(files: SourceFile[]): Violation[] {
  const table = files.find(({ path }) => path === "src/ops/declarations.ts");
  const names = table === undefined ? new Set<string>() : opNames(table);
  return files
    .filter(({ path }) => layerOf(path) === "engine")
    .flatMap((file) => {
      const found: Violation[] = [];
      walk(file, (node, line) => {
        const name = ts.isStringLiteralLike(node)
          ? node.text
          : ts.isPropertyAccessExpression(node) &&
              /^ops?$/i.test(node.expression.getText())
            ? node.name.text
            : null;
        if (name === null || !names.has(name) || ENGINE_WORDS.includes(name))
          return;
        found.push({
          path: file.path,
          line,
          what: `names the op ${name}`,
          cause:
            "a difference between ops that should be a column of src/ops/declarations.ts",
        });
      });
      return found;
    });
}

/** The keys of the object literal that is the table. */
function opNames(table: SourceFile): Set<string> {
  const names = new Set<string>();
  walk(table, (node) => {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== "ops")
      return;
    let value = node.initializer;
    while (
      value &&
      (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))
    ) {
      value = value.expression;
    }
    if (!value || !ts.isObjectLiteralExpression(value)) return;
    for (const property of value.properties) {
      if (property.name && ts.isIdentifier(property.name))
        names.add(property.name.text);
    }
  });
  return names;
}

function fileLength(files: SourceFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - 1;
    if (
      path.endsWith(".test.ts") ||
      path.includes(".gen.") ||
      lines <= LINES_MAX
    )
      return [];
    return [
      {
        path,
        line: LINES_MAX,
        what: `has ${lines} lines; ${LINES_MAX} is the most`,
        cause: "two concepts in one file",
      },
    ];
  });
}

/** Files of the packages may do with one. */
const TWO_SENTENCES = /^(src|workers)\//;

function openingComment(files: SourceFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    if (layerOf(path) === null || path.includes(".gen.")) return [];
    const [, comment = ""] = /^(?:#!.*\n)?((?:\/\/.*\n)+)/.exec(text) ?? [];
    const words = comment.replaceAll(/^\/\/ ?/gm, "").replaceAll(/\s+/g, " ");
    const sentences = words.split(/(?<=[^.][.;])(?: |$)/).filter(Boolean);
    const least = TWO_SENTENCES.test(path) ? 2 : 1;
    if (words.length >= 20 && sentences.length >= least) return [];
    return [
      {
        path,
        line: 1,
        what: "does not open with a comment that says what it is, and what it does not know",
        cause: "the file was split off, or grew, without being introduced",
      },
    ];
  });
}

function leftForLater(files: SourceFile[]): Violation[] {
  const word = new RegExp(
    ["TO" + "DO", "FIX" + "ME"].map((w) => `\\b${w}\\b`).join("|"),
  );
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) => {
      const [match] = word.exec(line) ?? [];
      if (match === undefined) return [];
      return [
        {
          path,
          line: i + 1,
          what: `${match} in the code`,
          cause: "work that was left for later",
        },
      ];
    }),
  );
}

/** Where a request comes by its type with the terms of its call already. */
const PASSES_ON =
  /^src\/api\/(submit|submitter|permissions\/engine|directories\/sharing|groups\/(group|members))\.ts$/;

/** Engines take any request; calls of the API submit none that was not given their terms. */
function submitWithTerms(files: SourceFile[]): Violation[] {
  return files
    .filter(
      ({ path, text }) =>
        path.startsWith("src/api/") &&
        !PASSES_ON.test(path) &&
        text.includes(".submit"),
    )
    .flatMap((file) => {
      const found: Violation[] = [];
      walk(file, (node, line) => {
        if (!ts.isCallExpression(node)) return;
        if (!/\.submit$/.test(node.expression.getText())) return;
        const [request] = node.arguments;
        if (/^(applyTerms\(|termed$)/.test(request?.getText() ?? "")) return;
        found.push({
          path: file.path,
          line,
          what: "submits a request without the terms of its call",
          cause:
            "applyTerms() was forgotten: its working directory and signal do not count",
        });
      });
      return found;
    });
}

function sleepsInTests(files: SourceFile[]): Violation[] {
  return files
    .filter(
      ({ path, text }) =>
        /^(packages\/[^/]+\/)?test\//.test(path) && text.includes("setTimeout"),
    )
    .flatMap((file) => {
      const found: Violation[] = [];
      walk(file, (node, line) => {
        if (!ts.isCallExpression(node)) return;
        if (!/(^|\.)setTimeout$/.test(node.expression.getText())) return;
        const delay = node.arguments.find(
          (argument) =>
            ts.isNumericLiteral(argument) &&
            Number(argument.text) > SLEEP_MAX_MS,
        );
        if (delay === undefined) return;
        found.push({
          path: file.path,
          line,
          what: `sleeps ${delay.getText()} ms`,
          cause:
            "it waits for time instead of for what happens; block and release, or poll the state",
        });
      });
      return found;
    });
}

function fileNames(files: SourceFile[]): Violation[] {
  return files.flatMap(({ path }) => {
    if (layerOf(path) === null) return [];
    const odd = path
      .split("/")
      .find(
        (part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.gen)?((\.d)?\.ts)?$/.test(part),
      );
    if (odd === undefined) return [];
    return [
      {
        path,
        line: 1,
        what: `"${odd}" is not kebab-case`,
        cause: "a file named after its class",
      },
    ];
  });
}
