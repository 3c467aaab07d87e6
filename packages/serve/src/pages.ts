// The pages that the server writes itself: what is wrong, and what lies in a folder. Plain HTML that
// works without scripts, in the dark and in a narrow window; whatever comes from a file system is escaped.

export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Nothing may run in it, whatever is in the names. */
export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "x-content-type-options": "nosniff",
};

const STYLE = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem;overflow-wrap:anywhere}table{width:100%;border-collapse:collapse}caption{position:absolute;clip-path:inset(50%)}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #8884;overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
@media(max-width:32rem){.t{display:none}}`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body><main>
${body}
</main></body>
</html>
`;
}

export const errorPage = (status: number, text: string): string =>
  page(`${status} ${text}`, `<h1>${status} ${escape(text)}</h1>`);

export interface Item {
  name: string;
  folder: boolean;
  /** Unknown for what is not looked at: a link, what went meanwhile. */
  size: number | null;
  mtimeMs: number | null;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

function timeText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "";
  const iso = date.toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")}</time>`;
}

export function row({ name, folder, size, mtimeMs }: Item): string {
  // `./`: a name with a colon is no scheme.
  const tail = folder ? "/" : "";
  const link = `<a href="./${encodeURIComponent(name)}${tail}">${escape(name)}${tail}</a>`;
  const sizeCell = size === null || folder ? "" : sizeText(size);
  const timeCell = mtimeMs === null ? "" : timeText(mtimeMs);
  return `<tr><td>${link}</td><td class="n">${sizeCell}</td><td class="n t">${timeCell}</td></tr>`;
}

/** Made when it is first needed: it takes 15 ms. */
let order: Intl.Collator | undefined;
function compareNames(a: string, b: string): number {
  order ??= new Intl.Collator("en", { numeric: true });
  return order.compare(a, b);
}

/** Folders first, each by name. */
export const compareItems = (a: Item, b: Item): number =>
  Number(b.folder) - Number(a.folder) || compareNames(a.name, b.name);

/** The page before and behind its rows; `omitted` is how many there are beyond those. */
export function aroundRows(
  names: string[],
  omitted: number,
): [before: string, behind: string] {
  const path = `/${names.map((name) => `${name}/`).join("")}`;
  const parent =
    names.length === 0
      ? ""
      : `<tr><td><a href="../">../ <span class="t">(parent folder)</span></a></td><td></td><td class="t"></td></tr>\n`;
  const more = omitted > 0 ? `\n<p>${omitted} more are not listed.</p>` : "";
  const [before = "", behind = ""] = page(
    `Index of ${path}`,
    `<h1>Index of ${escape(path)}</h1>
<table><caption>Files in ${escape(path)}</caption>
<thead><tr><th scope="col">Name</th><th scope="col" class="n">Size</th><th scope="col" class="n t">Modified (UTC)</th></tr></thead>
<tbody>
${parent}${ROWS}
</tbody></table>${more}`,
  ).split(ROWS);
  return [before, behind];
}

/** In no text that is escaped. */
const ROWS = "<rows>";
