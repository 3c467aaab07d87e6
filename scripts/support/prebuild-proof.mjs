// Proves that a binary loads where it is for: readelf looks at it, its compiler links it with a program that has Node's functions in
// name only, and Node or that program loads it, under qemu-user where the processor is another. What could not be run is said.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isOfNode, readElf, wrongWith } from "./elf.mjs";
import { obtain } from "./obtain.mjs";

process.report.excludeNetwork = true;
const { glibcVersionRuntime } = process.report.getReport().header;
const libcOfNode = glibcVersionRuntime === undefined ? "musl" : "glibc";

/**
 * @param {string} file
 * @param {import("./prebuild-targets.mjs").Target} target
 * @param {{ mayFetch: boolean }} options whether a Node for another processor may be fetched
 * @returns {{ wrong: string | null, proof: string }}
 */
export function prove(file, target, { mayFetch }) {
  const elf = readElf(file);
  const odd = wrongWith(elf, target);
  if (odd !== null) return { wrong: odd, proof: "" };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-host-"));
  try {
    const host = path.join(folder, "host");
    const unlinked = link(host, file, elf, target);
    if (unlinked !== null) return { wrong: unlinked, proof: "" };
    return load(file, host, target, mayFetch);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The linker wants every symbol of the binary in the C library that it is for, or in the program. */
function link(host, file, elf, { compiler }) {
  const stubs = elf.wanted
    .filter(isOfNode)
    .map((symbol) => `void ${symbol}(void) {}`);
  fs.writeFileSync(
    `${host}.c`,
    `#include <dlfcn.h>
     #include <stdio.h>
     ${stubs.join("\n")}
     int main(int count, char **arguments) {
       void *addon = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
       if (addon != NULL && dlsym(addon, "napi_register_module_v1") != NULL)
         return 0;
       fprintf(stderr, "%s\\n", dlerror());
       return 1;
     }\n`,
  );
  // Linked with it only to see that this is possible: what is run opens it as Node does.
  const strict = ["-Wl,--no-as-needed", "-Wl,--no-allow-shlib-undefined"];
  const program = ["-rdynamic", `${host}.c`, "-o", host];
  return (
    failure(compiler, [...strict, ...program, file]) ??
    failure(compiler, [...program, "-ldl"])
  );
}

function load(file, host, target, mayFetch) {
  const required = ["-e", `require(${JSON.stringify(file)})`];
  const { emulator, libc, sysroot } = target;
  if (emulator === null) {
    const [command, args, proof] =
      libc === libcOfNode
        ? [process.execPath, required, `Node ${process.version} loads it`]
        : [host, [file], `a program of ${libc} loads it`];
    return { wrong: failure(command, args), proof };
  }
  if (failure(emulator, ["--version"]) !== null)
    return {
      wrong: null,
      proof: `linked, and not run: there is no ${emulator}`,
    };
  const under = ["-L", sysroot];
  const node = libc === "glibc" ? nodeFor(target, mayFetch) : undefined;
  if (node !== undefined) {
    // What keeps that Node from running is not the binary's fault.
    const { status, stdout } = run(emulator, [...under, node, "--version"]);
    if (status === 0)
      return {
        wrong: failure(emulator, [...under, node, ...required]),
        proof: `Node ${stdout.trim()} for ${target.arch} loads it under ${emulator}`,
      };
  }
  return {
    wrong: failure(emulator, [...under, host, file]),
    proof: `a program of ${libc} loads it under ${emulator}`,
  };
}

function nodeFor({ arch }, mayFetch) {
  return obtain(`node-linux-${arch}@26`, "package/bin/node", { mayFetch })
    .binary;
}

/** Null: it ended well. */
function failure(command, args) {
  const { status, signal, stderr, error } = run(command, args);
  if (status === 0) return null;
  return (
    error?.message ?? (stderr.trim() || `status ${status}, signal ${signal}`)
  );
}

function run(command, args) {
  return spawnSync(command, args, { encoding: "utf8" });
}
