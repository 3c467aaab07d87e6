// The page as text: it carries its script, which is built beside the package, and may load nothing. What it
// shows comes by the one connection that it may make, to where it came from.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { packageRoot } from "../util/package.ts";

export interface Page {
  html: string;
  headers: Record<string, string>;
}

let made: Page | undefined;

/** Read and hashed when it is first asked for. */
export function livePageText(): Page {
  made ??= make(fs.readFileSync(`${packageRoot}dist/live-page.js`, "utf8"));
  return made;
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
