// The part of the built code that reads modules of ours at import, for them to be compiled when they are first needed. It
// is put into what loads them, so it knows nothing from outside of itself, and not what they are.
// Read they are one compressed file, which takes no descriptor to decompress.

/**
 * Loads one of them: by `require`, which puts it where everybody finds it. Where its file cannot be read any more (no
 * descriptor is left, the permission was dropped, the package was removed) it is made of what was read at import.
 */
export function keepModules(file, folder, node) {
  const UNREADABLE = [
    "EMFILE",
    "ENFILE",
    "ERR_ACCESS_DENIED",
    "ENOENT",
    "MODULE_NOT_FOUND",
    "ERR_INVALID_PACKAGE_CONFIG",
  ];
  const kept = readKept();
  let texts;
  function readKept() {
    if (folder === null) return null;
    try {
      return node.fs().readFileSync(`${folder}/${file}`);
    } catch {
      // Bundled into an application: its file has them all.
      return null;
    }
  }
  function load(name, require) {
    try {
      return require(name);
    } catch (error) {
      if (kept === null || !UNREADABLE.includes(error.code)) throw error;
      texts ??= JSON.parse(node.zlib().brotliDecompressSync(kept).toString());
      if (!Object.hasOwn(texts, name)) throw error;
      return compile(name);
    }
  }
  function compile(name) {
    const Module = node.module();
    const filename = `${folder}/${name.slice(2)}`;
    const requireHere = Module.createRequire(filename);
    const module = new Module(filename);
    const parameters = [
      "exports",
      "require",
      "module",
      "__filename",
      "__dirname",
    ];
    const run = node.vm().compileFunction(texts[name], parameters, {
      filename,
    });
    requireHere.cache[filename] = module;
    try {
      run(
        module.exports,
        (name) => load(name, requireHere),
        module,
        filename,
        folder,
      );
    } catch (error) {
      delete requireHere.cache[filename];
      throw error;
    }
    return module.exports;
  }
  return load;
}
