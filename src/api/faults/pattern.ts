// Which paths a rule is about: a pattern with wildcards, a regular expression or a function. It does not know the rule.

export type PathPattern = string | RegExp | ((path: string) => boolean);

/** `*` and `?` stay within a name, `**` does not; a pattern without a slash is about the last name of a path. */
export function matcher(pattern: PathPattern): (path: string) => boolean {
  if (typeof pattern === "function") return pattern;
  if (pattern instanceof RegExp) {
    const { source, flags } = pattern;
    // Those of g and y remember where they were.
    const still = new RegExp(source, flags.replace(/[gy]/g, ""));
    return (path) => still.test(path);
  }
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*|\*|\?/g, (wildcard) => WILDCARDS[wildcard]!);
  const whole = new RegExp(`^${text}$`, "s");
  return pattern.includes("/")
    ? (path) => whole.test(path)
    : (path) => whole.test(path.slice(path.lastIndexOf("/") + 1));
}

const WILDCARDS: Record<string, string> = {
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};
