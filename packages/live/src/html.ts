// The page as text: it carries its script, which is built beside the package, and may load nothing. What it
// shows comes by the one connection that it may make, to where it came from.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface Page {
  html: string;
  headers: Record<string, string>;
}

/** Built from src/page. */
const SCRIPT = "live-page.js";

let made: Page | undefined;

/** Read and hashed when it is first used. */
export function livePageText(): Page {
  made ??= make(fs.readFileSync(scriptFile(), "utf8"));
  return made;
}

/** Beside the code; where that was bundled into an application, in the package that is installed there. */
function scriptFile(): string {
  const own = fileURLToPath(import.meta.url);
  const folder = path.dirname(own);
  if (own.endsWith(".ts")) return path.resolve(folder, "../dist", SCRIPT);
  const beside = path.join(folder, SCRIPT);
  if (fs.existsSync(beside)) return beside;
  const manifest = createRequire(own).resolve("@node-eio/live/package.json");
  return path.join(path.dirname(manifest), "dist", SCRIPT);
}

function make(built: string): Page {
  const script = built.replaceAll("</script", "<\\/script");
  const hash = createHash("sha256").update(script).digest("base64");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>node-eio live</title>
</head>
<body>
<noscript>This page is drawn by a script that is part of it. Without scripts, the figures are at this address with /stats.json behind it.</noscript>
<script>${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    html,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy.join("; "),
    },
  };
}
