// Which paths of a tree are left out, by what the caller gave: globs, expressions, functions. It looks at no file.
import { Minimatch } from "minimatch";
import { checkOption } from "../option-values.ts";

/** A glob without a slash matches names in any folder; one with a slash matches paths. */
export type Ignored = string | RegExp | ((path: string) => boolean);

type Test = (path: string) => boolean;

/** null: nothing is ignored. */
export function readIgnore(
  ignore: Ignored | readonly Ignored[] | undefined,
): Test | null {
  if (ignore === undefined) return null;
  const given: readonly unknown[] = Array.isArray(ignore) ? ignore : [ignore];
  const tests = given.map(testOf);
  return tests.length === 0
    ? null
    : (path) => tests.some((ignores) => ignores(path));
}

function testOf(given: unknown): Test {
  if (typeof given === "function") return (path) => Boolean(given(path));
  if (given instanceof RegExp) return (path) => path.search(given) >= 0;
  checkOption(
    "ignore",
    given,
    typeof given === "string",
    "a glob, an expression, a function, or an array of these",
  );
  const glob = (given as string).replace(/^\.\//, "").replace(/\/$/, "");
  const matcher = new Minimatch(glob, {
    dot: true,
    nonegate: true,
    nocomment: true,
    matchBase: true,
  });
  return (path) => matcher.match(path);
}
