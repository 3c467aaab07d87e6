// The docs site: VitePress over docs/site/pages, which scripts/docs-site.mjs makes. Its sidebar is the index of the documents. It loads
// nothing from elsewhere when it is read.
import fs from "node:fs";
import path from "node:path";
import { defineConfig } from "vitepress";
import { sidebarOf, slugOf } from "../../../scripts/support/site-pages.mjs";

const docs = path.resolve(import.meta.dirname, "../..");
const pages = path.join(docs, "site/pages");
const index = fs.readFileSync(path.join(docs, "README.md"), "utf8");

/** The modules of the reference, by the titles of their pages. */
function reference() {
  const folder = path.join(pages, "reference");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md") && name !== "index.md")
    .map((name) => {
      const text = fs.readFileSync(path.join(folder, name), "utf8");
      const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
      return {
        text: title.replaceAll("\\", ""),
        link: `/reference/${name.replace(/\.md$/, "")}`,
      };
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

export default defineConfig({
  srcDir: "pages",
  outDir: "dist",
  cacheDir: "node_modules/.cache/vitepress",
  lang: "en",
  title: "node-eio",
  description:
    "File operations of Node.js on workers of their own, with deadlines, priorities and limits: a drop-in for node:fs",
  lastUpdated: false,
  // There is no icon, and none is to be asked for.
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    anchor: { slugify: slugOf },
    toc: { slugify: slugOf },
    // Those of the default have too little contrast.
    theme: {
      light: "github-light-high-contrast",
      dark: "github-dark-high-contrast",
    },
  },
  themeConfig: {
    search: { provider: "local" },
    // The theme's own label does not have the text in it that is shown.
    notFound: { linkText: "To the first page", linkLabel: "To the first page" },
    outline: { level: [2, 3] },
    nav: [
      { text: "Tutorial", link: "/tutorial" },
      { text: "Guides", link: "/guides" },
      { text: "Reference", link: "/reference/" },
      { text: "Errors", link: "/errors" },
      { text: "Changes", link: "/changelog" },
    ],
    sidebar: [
      // Groups that fold are buttons within buttons, which screen readers cannot tell apart.
      ...sidebarOf(index),
      { text: "API", items: reference() },
      {
        text: "Project",
        items: [
          { text: "Changes", link: "/changelog" },
          { text: "Working on it", link: "/contributing" },
          { text: "Security", link: "/security" },
        ],
      },
    ],
  },
});
