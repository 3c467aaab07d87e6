// Makes what follows from the tables of ops and of requests: C headers, and types and names of node-eio/eio. npm does so
// after an install, so that editors find them; so do the build, the type check and the tests. It knows where they go, and not what is in them.
// Usage: npm run generate
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const esbuild = await import("esbuild").catch(() => null);
if (esbuild === null)
  console.log("nothing generated: esbuild is not installed (--omit=dev)");
else await generate();

async function generate() {
  const folder = path.join(root, "node_modules/.cache/generate");
  const bundle = path.join(folder, `${process.pid}.mjs`);
  try {
    await esbuild.build({
      stdin: {
        contents:
          'export { eioDoorFiles } from "./eio-door.ts"; export { nativeHeaders } from "./native-headers.ts";',
        resolveDir: path.join(root, "scripts"),
      },
      outfile: bundle,
      bundle: true,
      packages: "external",
      format: "esm",
      platform: "node",
      logLevel: "warning",
    });
    const { eioDoorFiles, nativeHeaders } = await import(bundle);
    for (const [name, text] of Object.entries({
      ...nativeHeaders(),
      ...eioDoorFiles(root),
    }))
      write(path.join(root, name), text);
  } finally {
    fs.rmSync(bundle, { force: true });
  }
}

/** Unchanged files keep their modification time: otherwise all of the C code would be compiled again. */
function write(file, text) {
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) return;
  const fresh = `${file}.${process.pid}`;
  fs.writeFileSync(fresh, text);
  fs.renameSync(fresh, file);
  console.log(`${path.relative(root, file)}: generated`);
}
