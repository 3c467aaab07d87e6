// What readelf says of a shared library, of whatever processor, and whether that would run where the package promises it. It neither
// compiles nor loads anything.
import { execFileSync } from "node:child_process";

/** Node's own binaries want glibc 2.28; ours would run on older ones. */
const GLIBC_MAX = [2, 17];
/** What Node looks for in an addon, and what a linker adds. */
const ENTRY = "napi_register_module_v1";
const EXPORTS =
  /^(napi_register_module_v1|node_api_module_get_api_version_v1|_init|_fini)$/;
/** Libraries that are always there. Before 2.34 glibc has threads and dlopen() in files of their own. */
const LIBRARIES = {
  glibc: /^(lib(c\.so\.6|pthread\.so\.0|dl\.so\.2)|ld-linux-[\w-]+\.so\.\d)$/,
  musl: /^libc(\.musl-\w+)?\.so(\.1)?$/,
};

/** Node's functions: those of the program that loads it. */
export const isOfNode = (symbol) => /^(napi|uv)_/.test(symbol);

/**
 * `wanted`: what others are to have, with the version that it is linked to.
 * @typedef {{ machine: string, needed: string[], exported: string[], wanted: string[] }} Elf
 */

/** @param {string} file */
export function readElf(file) {
  const args = ["--wide", "--file-header", "--dynamic", "--dyn-syms", file];
  const env = { ...process.env, LC_ALL: "C" };
  return parseElf(execFileSync("readelf", args, { encoding: "utf8", env }));
}

/**
 * @param {string} text
 * @returns {Elf}
 */
export function parseElf(text) {
  const symbols = text
    .split("\n")
    .map((line) =>
      /^ *\d+: [\da-f]+ +\d+ \w+ +(?<bind>GLOBAL|WEAK) +\w+ +(?:\[.*\] +)?(?<section>\w+) (?<name>[^\s]+)/.exec(
        line,
      ),
    )
    .filter((match) => match !== null)
    .map(({ groups }) => groups);
  const isWanted = ({ section }) => section === "UND";
  return {
    machine: /^ *Machine: +(.*)$/m.exec(text)?.[1].trim() ?? "",
    needed: [...text.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name),
    exported: symbols.filter((s) => !isWanted(s)).map(({ name }) => name),
    // Of weak ones it is seen at run time whether they are there.
    wanted: symbols
      .filter((s) => isWanted(s) && s.bind === "GLOBAL")
      .map(({ name }) => name),
  };
}

/**
 * Why it would not run, or not everywhere; null where nothing is in the way.
 * @param {Elf} elf
 * @param {{ machine: string, libc: "glibc" | "musl" }} target
 */
export function wrongWith({ machine, needed, exported, wanted }, target) {
  if (machine !== target.machine)
    return `it is for ${machine || "no processor"}`;
  const libraries = needed.filter((name) => !LIBRARIES[target.libc].test(name));
  if (libraries.length > 0) return `it needs ${libraries.join(", ")}`;
  const odd = [
    ...exported.filter((symbol) => !EXPORTS.test(symbol)),
    ...wanted.filter((symbol) => !isOld(symbol, target.libc)),
  ];
  if (odd.length > 0) return `unexpected symbols: ${odd.join(" ")}`;
  return exported.includes(ENTRY) ? null : `it does not export ${ENTRY}`;
}

function isOld(symbol, libc) {
  if (isOfNode(symbol)) return true;
  if (libc === "musl") return !symbol.includes("@");
  const [, major, minor] = /@GLIBC_(\d+)\.(\d+)/.exec(symbol) ?? [];
  return Number(major) === GLIBC_MAX[0] && Number(minor) <= GLIBC_MAX[1];
}
