// A document as what is typed and what is seen: its sections, and in each the files, the commands and what they print. It runs nothing.

/**
 * @param {string} text
 * @returns {{ title: string, blocks: { kind: "file" | "commands" | "output", name: string, body: string }[] }[]}
 */
export function blocksOf(text) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf("\n")),
      blocks: [...section.matchAll(/^```(js|ts|sh|text)\n([^]*?)^```$/gm)].map(
        ([, language, body]) => block(language, body),
      ),
    }));
}

function block(language, body) {
  if (language === "sh") return { kind: "commands", name: "", body };
  if (language === "text") return { kind: "output", name: "", body };
  const [, name] = /^\/\/ ([\w.-]+)\n/.exec(body) ?? [];
  if (name === undefined)
    throw new Error(`a file begins with its name in a comment:\n${body}`);
  return { kind: "file", name, body };
}

/** Whether an output is the one that is shown, in which `...` stands for anything, also for lines. */
export function sameAs(shown, output) {
  const parts = shown
    .trim()
    .split("...")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^]*")}$`).test(output.trim());
}
