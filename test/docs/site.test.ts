// The pages of the docs site: every document is one, its links lead to pages, and the sidebar is the index. How pages look is not known
// here; `npm run docs:build` makes them, and fails on a link that leads nowhere.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  documentsOf,
  FILES,
  outside,
  pageOf,
  sidebarOf,
  slugOf,
  toPage,
} from "../../scripts/support/site-pages.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const read = (name: string): string =>
  fs.readFileSync(path.join(root, name), "utf8");
const filesIn = (folder: string): string[] =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name)}`);
const documents = documentsOf([
  ...Object.keys(outside),
  ...filesIn("docs"),
  ...filesIn("examples"),
]);
const pages = ["index.md", ...documents.map((file) => pageOf(file)!)];

describe("the pages", () => {
  it("are one for each document, each at a place of its own", () => {
    expect(pages).not.toContain(null);
    expect(new Set(pages).size).toBe(pages.length);
  });

  it.each(documents)("%s links to pages and files that are there", (file) => {
    const { text, files } = toPage(file, read(file));
    const prose = text.replace(/^```[^]*?^```$/gm, "");
    for (const [, target = ""] of prose.matchAll(/\]\((\.[^)\s]+)\)/g))
      expect(pages, target).toContain(target.slice(2).split("#")[0]);
    for (const name of files)
      expect(fs.statSync(path.join(root, name)).isFile(), name).toBe(true);
  });

  it("of the site's own link to pages", () => {
    const home = read("docs/site/home.md");
    const links = [...home.matchAll(/link: \/([\w-]+)$/gm)].map(
      ([, name]) => `${name}.md`,
    );
    expect(links.length).toBeGreaterThan(3);
    expect(pages).toEqual(expect.arrayContaining(links));
  });
});

describe("the sidebar", () => {
  const groups = sidebarOf(read("docs/README.md"));
  it("has every document once", () => {
    const links = groups.flatMap(({ items }) => items.map(({ link }) => link));
    const names = documents
      .filter((file) => file.startsWith("docs/") && file !== "docs/README.md")
      .map((file) => `/${path.basename(file, ".md")}`);
    expect(links.toSorted()).toEqual(names.toSorted());
  });
  it("begins with the tutorial, and has guides, reference and decisions", () => {
    expect(groups[0]!.items[0]!.link).toBe("/tutorial");
    expect(groups.map(({ text }) => text)).toEqual([
      "Start",
      "Guides",
      "Reference",
      "Background",
    ]);
    const guides = groups[1]!.items.map(({ text }) => text);
    expect(guides).toContain("custom() and executors");
    const background = groups.at(-1)!.items.map(({ link }) => link);
    expect(background).toContain("/decisions");
  });
});

describe("a page", () => {
  it("has links to documents as links to pages, with their anchors", () => {
    const { text, files } = toPage(
      "docs/a.md",
      "[b](b.md#part-1) [home](../README.md) [c](../CHANGELOG.md) [own](#x) [web](https://example.com/b.md)",
    );
    expect(text).toBe(
      "[b](./b.md#part-1) [home](./index.md) [c](./changelog.md) [own](#x) [web](https://example.com/b.md)",
    );
    expect(files).toEqual([]);
  });
  it("of a file outside docs/ has links as they are seen from there", () => {
    expect(toPage("CHANGELOG.md", "[b](docs/b.md)").text).toBe("[b](./b.md)");
  });
  it("has links to other files as links to copies, once each", () => {
    const { text, files } = toPage(
      "docs/a.md",
      "[x](../examples/x.mjs) ![y](y.svg) [x](../examples/x.mjs)",
    );
    expect(text).toBe(
      `[x](/${FILES}/examples/x.mjs) ![y](/${FILES}/docs/y.svg) [x](/${FILES}/examples/x.mjs)`,
    );
    expect(files).toEqual(["examples/x.mjs", "docs/y.svg"]);
  });
  it("has programs as they are", () => {
    const text = "```js\n[a](b.md)\n```";
    expect(toPage("docs/a.md", text)).toEqual({ text, files: [] });
  });
});

it("anchors are those that GitHub makes, which links of documents name", () => {
  expect(slugOf("ERR_EIO_CLOSED")).toBe("err_eio_closed");
  expect(slugOf("Figures: `eio.stats()`")).toBe("figures-eiostats");
  expect(slugOf("[A link](b.md) and more")).toBe("a-link-and-more");
});
