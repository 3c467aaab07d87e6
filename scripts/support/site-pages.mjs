// The pages of the docs site, made of the documents of this repository: where each comes to lie, what its links become, and the
// sidebar, which is the index of the documents. It writes nothing, and knows no generator but for its links.
import path from "node:path";

/** Documents outside docs/ that are pages, too: by their place in the repository, their place on the site. */
export const outside = {
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
  "SECURITY.md": "security.md",
};

/** All documents that are pages, of the names of files in the repository. */
export const documentsOf = (files) =>
  files.filter((file) => pageOf(file) !== null).sort();

/** Files that are linked and are no documents are served as they are, below this. */
export const FILES = "files";

/** What begins with a name is written as that is. */
const NAME = /^(\w+\(|libeio)/;

/** As GitHub makes them, so that a link means the same on both. */
export const slugOf = (title) =>
  title
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

/** Where a document lies on the site; null: it is no page. */
export function pageOf(file) {
  if (file in outside) return outside[file];
  const [, example] = /^examples\/([\w-]+)\/README\.md$/.exec(file) ?? [];
  if (example !== undefined) return `example-${example}.md`;
  const [, name] = /^docs\/([\w-]+\.md)$/.exec(file) ?? [];
  if (name === undefined) return null;
  return name === "README.md" ? "guides.md" : name;
}

/**
 * A document as a page: its links lead to pages, and to copies of files.
 * @param {string} file in the repository
 * @param {string} text
 * @returns {{ text: string, files: string[] }} `files`: what is to be copied
 */
export function toPage(file, text) {
  const files = [];
  const parts = text.split(/(^```[^]*?^```$)/m);
  const pages = parts.map((part) =>
    part.startsWith("```")
      ? part
      : part.replace(/(\]\()([^)\s]+)(\))/g, (_all, open, target, close) => {
          if (/^(https?:|#)/.test(target)) return open + target + close;
          const [name, anchor] = target.split("#");
          const leadsTo = path.posix.join(path.posix.dirname(file), name);
          const hash = anchor === undefined ? "" : `#${anchor}`;
          const page = leadsTo === "README.md" ? "index.md" : pageOf(leadsTo);
          if (page !== null) return `${open}./${page}${hash}${close}`;
          files.push(leadsTo);
          return `${open}/${FILES}/${leadsTo}${close}`;
        }),
  );
  return { text: pages.join(""), files: [...new Set(files)] };
}

/**
 * The sidebar, by docs/README.md: its headings are groups, its links to documents are entries.
 * @param {string} index
 */
export function sidebarOf(index) {
  const groups = [{ text: "Start", items: [] }];
  const seen = new Set();
  for (const line of index.split("\n")) {
    const [, heading] = /^## (.+)$/.exec(line) ?? [];
    if (heading !== undefined) groups.push({ text: heading, items: [] });
    for (const [, text, file] of line.matchAll(
      /\[([^\]]+)\]\(([\w-]+)\.md\)/g,
    )) {
      if (seen.has(file)) continue;
      seen.add(file);
      const title = NAME.test(text)
        ? text
        : text[0].toUpperCase() + text.slice(1);
      groups.at(-1).items.push({ text: title, link: `/${file}` });
    }
  }
  return groups.filter(({ items }) => items.length > 0);
}
