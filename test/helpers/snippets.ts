// The programs in a Markdown file: where they stand, what each says that it prints, and what it takes to run. It runs none.
import { transformSync } from "esbuild";

export interface Snippet {
  /** Where it begins, for whoever looks for it. */
  line: number;
  code: string;
  /** It is this file for the others, and no program. */
  file: string | undefined;
  /** What a comment in front of it says that it takes: `<!-- needs better-sqlite3 -->`. */
  needs: string | undefined;
  prints: Printed[];
}

/** A line of output; `any` stands for one that differs from machine to machine. */
export type Printed = { text: string } | { any: true };

const BLOCK = /^(?:<!-- needs (.+) -->\n+)?```js\n([^]*?)^```$/gm;
const PROMISE = /\/\/ (prints|such as): (.*)$/gm;

export function snippetsOf(markdown: string): Snippet[] {
  return [...markdown.matchAll(BLOCK)].map(
    ({ index, 1: needs, 2: code = "" }) => ({
      line: markdown.slice(0, index).split("\n").length,
      code,
      file: /^\/\/ ([\w-]+\.m?js)\b/.exec(code)?.[1],
      needs,
      prints: [...code.matchAll(PROMISE)].map(([, kind, text = ""]) =>
        kind === "prints" ? { text } : { any: true },
      ),
    }),
  );
}

/** What it really printed, with what may differ as it was promised. */
export function asPromised(stdout: string, { prints }: Snippet): Printed[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((text, i) => {
      const promised = prints[i];
      return promised !== undefined && "any" in promised ? promised : { text };
    });
}

/** For a Node that does not know `await using` yet. */
export const runnable = ({ code }: Snippet): string =>
  code.includes("await using")
    ? transformSync(code, { format: "esm", target: "node20" }).code
    : code;
