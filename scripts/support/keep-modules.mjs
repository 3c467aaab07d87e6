// The part of the built code that reads modules of ours at import, for them to be compiled when they are first needed. It
// is put into what loads them, so it knows nothing from outside of itself, and not what they are.
// Read they are a compressed file or two, which take no descriptor to decompress.

/**
 * Loads one of them: by `require`, which puts it where everybody finds it. Where its file cannot be read any more (no
 * descriptor is left, the permission was dropped, the package was removed) it is made of what was read at import.
 */
export function keepModules([always, late], folder, node) {
  const UNREADABLE = [
    "EMFILE",
    "ENFILE",
    "ERR_ACCESS_DENIED",
    "ENOENT",
    "MODULE_NOT_FOUND",
    "ERR_INVALID_PACKAGE_CONFIG",
  ];
  const mayDrop = typeof process.permission?.drop === "function";
  const kept = (mayDrop ? [always, late] : [always]).flatMap(readKept);
  let texts;
  function readKept(file) {
    if (folder === null) return [];
    try {
      return [node.fs().readFileSync(`${folder}/${file}`)];
    } catch {
      // Bundled into an application: its file has them all.
      return [];
    }
  }
  function unpack(file) {
    return JSON.parse(node.zlib().brotliDecompressSync(file).toString());
  }
  function load(name, require) {
    try {
      return require(name);
    } catch (error) {
      if (!UNREADABLE.includes(error.code)) throw error;
      texts ??= Object.assign({}, ...kept.map(unpack));
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
    const { compileFunction, constants } = node.vm();
    const run = compileFunction(texts[name], parameters, {
      filename,
      importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
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
