// Looks at every page of the built docs site in a Chromium of this machine, as wide as a phone and as a desk, light and dark: what axe
// finds serious or critical, what is wider than the screen, broken names in tables, and charts too small to be read, are printed. Exits 1 if there is any; 77 where there is no browser.
// Usage: npm run docs:build && npm run docs:axe [-- --shots FOLDER] [--only PATTERN]
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { loadSource } from "../bench/support/load-source.mjs";

const root = path.resolve(import.meta.dirname, "..");
const dist = path.join(root, "docs/site/dist");
const axeFile = path.join(root, "docs/site/node_modules/axe-core/axe.min.js");
const WIDTHS = { phone: [390, 844], desk: [1280, 800] };
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const GRAVE = new Set(["serious", "critical"]);

/** Short names in tables that take more than a line. */
const BROKEN = `[...document.querySelectorAll(".vp-doc td code")]
  .filter((code) => /^[\\w.]{1,16}$/.test(code.textContent) && code.getClientRects().length > 1)
  .slice(0, 3)
  .map((code) => code.textContent)`;
/** Charts that are shown at less than three quarters of their size: of 12 px no 9 are left. */
const SMALL = `[...document.querySelectorAll('img[src$=".svg"]')]
  .filter((img) => img.clientWidth < 540)
  .map((img) => img.getAttribute("src"))`;

const { values } = parseArgs({
  options: {
    shots: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const { hasBrowser, launchBrowser } = await loadSource(
  "test/helpers/browser.ts",
);
if (!hasBrowser) leave("there is no Chromium here", 77);
if (!fs.existsSync(axeFile)) leave("npm run docs:build comes first", 77);
const pages = fs
  .readdirSync(dist, { recursive: true })
  .filter((name) => name.endsWith(".html") && name.includes(values.only))
  .sort();
const axe = fs.readFileSync(axeFile, "utf8");
const server = http.createServer(serve);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}/`;
const browser = await launchBrowser();
let findings = 0;
let looks = 0;
try {
  const page = await browser.newPage({ reducedMotion: "reduce" });
  for (const name of pages) {
    await page.goto(base + name, { waitUntil: "load" });
    await page.evaluate(axe);
    for (const size of Object.keys(WIDTHS))
      for (const scheme of ["light", "dark"])
        await lookAt(page, name, size, scheme);
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`${pages.length} pages, ${looks} looks: ${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

async function lookAt(page, name, size, colorScheme) {
  const [width, height] = WIDTHS[size];
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  const { violations } = await page.evaluate(
    "axe.run({ resultTypes: ['violations'] })",
  );
  const beyond = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  looks++;
  const where = `${name}, ${size}, ${colorScheme}`;
  for (const { id, impact, help, nodes } of violations)
    if (GRAVE.has(impact))
      report(where, `${id}: ${help} (${nodes.length}, ${nodes[0].target})`);
  if (beyond > 0) report(where, `${beyond} px wider than the screen`);
  for (const word of await page.evaluate(BROKEN))
    report(where, `in a table the name ${word} is broken`);
  for (const picture of await page.evaluate(SMALL))
    report(where, `the text of ${picture} is too small to be read`);
  if (values.shots !== undefined) {
    const file = `${name.replaceAll("/", "-")}-${size}-${colorScheme}.png`;
    await page.screenshot({ path: path.join(values.shots, file) });
  }
}

function report(where, what) {
  findings++;
  console.log(`${where}: ${what}`);
}

function serve(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = path.join(dist, decodeURIComponent(pathname));
  if (!file.startsWith(dist) || !fs.existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[path.extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type });
  fs.createReadStream(file).pipe(response);
}

function leave(why, code) {
  console.log(`docs:axe: ${why}`);
  process.exit(code);
}
