// The report as one page that needs nothing else: no network, no other file. The script that draws it is
// built beside the command; it is not known here what it draws.
import fs from "node:fs";
import { builtFile } from "../built.ts";
import type { Report } from "../report.ts";

const scriptFile = builtFile("page.js");

export function htmlOf(report: Report): string {
  const script = fs
    .readFileSync(scriptFile, "utf8")
    .replaceAll("</script", "<\\/script");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>node-eio bench</title>
</head>
<body>
<noscript>This report is drawn by a script that is part of this page; it requests nothing from a network.</noscript>
<script type="application/json" id="report">${inScript(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** No text of a result can end the element that it is in. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
