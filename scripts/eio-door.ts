// The door node-eio/eio as TypeScript: the types of its requests, made from their declarations, and its named
// exports. It makes texts; generate.mjs writes them to files.
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { eioConstants } from "../src/api/eio/constants.ts";
import type { Declaration } from "../src/api/eio/declare.ts";
import { kinds } from "../src/api/eio/operands.ts";
import { requests } from "../src/api/eio/requests.ts";

const MADE =
  "Made from the declarations of requests by `npm run generate`; not to be edited.";
const declarations = Object.entries(requests as Record<string, Declaration>);
/** No words of JavaScript: a parameter is named otherwise. */
const RESERVED = new Set(["in", "with", "default"]);

const doc = (text: string, indent = ""): string => `${indent}/** ${text} */\n`;

function signatures([name, declared]: [string, Declaration]): string {
  const { params, about, value, group } = declared;
  const own = params.map(([param, kind]) => {
    const parameter = RESERVED.has(param) ? `${param}_` : param;
    return `${parameter}: ${param === "buf" ? "B" : kinds[kind].type}`;
  });
  const given = params.find(([param]) => param === "buf")?.[1];
  const generics =
    given === undefined ? "D" : `B extends ${kinds[given].type}, D`;
  const request = `${group ? "EioGroup" : "EioRequest"}<D, ${value}>`;
  const cb = `(req: ${request}) => unknown`;
  const long = [
    ...own,
    "pri?: number | null",
    `cb?: (${cb}) | null`,
    "data?: D",
    "options?: EioRequestOptions",
  ];
  const short = [
    ...own,
    `cb: ${cb}`,
    "data?: D",
    "options?: EioRequestOptions",
  ];
  return [short, long]
    .map(
      (args) =>
        `${doc(about, "  ")}  ${name}<${generics} = undefined>(${args.join(", ")}): ${request};\n`,
    )
    .join("");
}

function typesFile(): string {
  return `// ${MADE}
import type { Stats } from "node:fs";
import type { EioScan } from "./composites/folders.ts";
import type { EioGroup } from "./group.ts";
import type { EioFd, EioListing, EioPath, EioPlainPath, EioRead } from "./values.ts";
import type { EioRequest, EioRequestOptions } from "./request.ts";
import type { EioEntry } from "./requests/dents.ts";
import type { EioExecute } from "./requests/special.ts";
import type { EioStatvfs } from "./statvfs.ts";
import type { WorkingDirectory } from "../working-directories/working-directory.ts";
import type { Extent } from "../sys/fiemap.ts";
import type { Statx } from "../sys/statx.ts";

/** Every request: its own arguments, then \`pri, cb, data\` as in libeio; a callback may take the place of \`pri\`. */
export interface EioRequests {
${declarations.map(signatures).join("")}}
`;
}

/** Methods of the interfaces in types.ts, and what they say. */
function documented(root: string): [string, string][] {
  const file = path.join(root, "src/api/eio/types.ts");
  const text = fs.readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) =>
    ts.isInterfaceDeclaration(statement) &&
    /^Eio(Control|Groups)$/.test(statement.name.text)
      ? statement.members.map((member): [string, string] => {
          const about = ts
            .getJSDocCommentsAndTags(member)
            .map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? "")
            .join(" ");
          return [member.name!.getText(), about.replace(/\s+/g, " ")];
        })
      : [],
  );
}

/** IO::AIO's names, and the macros of eio.h, are as they are there. */
const exportName = (name: string): string =>
  name.startsWith("aioreq_")
    ? name
    : /^[A-Z]/.test(name)
      ? `EIO_${name}`
      : `eio_${name}`;

function exportsFile(root: string): string {
  const all: [string, string][] = [
    ...declarations.map(([name, { about }]): [string, string] => [name, about]),
    ...documented(root),
  ];
  const named = all.map(
    ([name, about]) =>
      `${doc(about)}export const ${exportName(name)} = door.${name};\n`,
  );
  const constants = Object.keys(eioConstants)
    .filter((name) => name.startsWith("EIO_"))
    .join(", ");
  return `// The named exports of node-eio/eio, as eio.h and IO::AIO have them. ${MADE}
import { eio } from "../create.ts";

const door = eio.eio;

${named.join("")}export const { ${constants} } = door.constants;
`;
}

export const eioDoorFiles = (root: string): Record<string, string> => ({
  "src/api/eio/requests.gen.ts": typesFile(),
  "src/api/eio/names.gen.ts": exportsFile(root),
});
