// A build plugin that writes down the licences of the packages that ended up inside the bundle.
// It knows no package by name: the bundle's own metafile says which ones there are.
import fs from "node:fs";
import path from "node:path";

const packagePath = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** @returns {import("esbuild").Plugin} */
export function thirdPartyNotices(outFile) {
  return {
    name: "third-party-notices",
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        const packages = metafile ? bundledPackages(metafile) : new Map();
        if (packages.size === 0) return;
        const notices = [...packages]
          .sort()
          .map(([name, dir]) => notice(name, dir));
        fs.mkdirSync(path.dirname(outFile), { recursive: true });
        fs.writeFileSync(
          outFile,
          `# Packages bundled into this one\n\n${notices.join("\n")}`,
        );
      });
    },
  };
}

function bundledPackages(metafile) {
  const dirs = new Map();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const [, dir, name] = packagePath.exec(input) ?? [];
      if (dir && name && bytesInOutput > 0) dirs.set(name, dir);
    }
  }
  return dirs;
}

function notice(name, dir) {
  const { version, license } = JSON.parse(
    fs.readFileSync(path.join(dir, "package.json"), "utf8"),
  );
  const file = fs.readdirSync(dir).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file
    ? fs.readFileSync(path.join(dir, file), "utf8").trim()
    : license;
  return `## ${name} ${version} (${license})\n\n${text}\n`;
}
