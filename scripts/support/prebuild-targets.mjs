// How each promised binary is compiled on a machine of one processor or the other: by which compiler, with which flags, and what runs
// the result. It starts nothing; names of programs and folders are Debian's.
import fs from "node:fs";
import { promised } from "./prebuilds.mjs";

/** By Node's name: what GNU calls the processor, and what readelf does. */
const PROCESSORS = {
  x64: { gnu: "x86_64", machine: "Advanced Micro Devices X86-64" },
  arm64: { gnu: "aarch64", machine: "AArch64" },
};

/**
 * `emulator`: null where the processor is this machine's own; `sysroot`: where the emulated program finds its C library.
 * @typedef {{ name: string, arch: string, libc: "glibc" | "musl", machine: string, compiler: string, flags: string, emulator: string | null, sysroot: string }} Target
 */

/**
 * @param {string} host the processor of this machine, as Node calls it
 * @param {{ cc?: string, isMusl?: boolean }} [own] its own compiler, and whether that compiles for musl (on Alpine)
 * @returns {Target[]}
 */
export function targetsOn(host, { cc = "gcc", isMusl = false } = {}) {
  return promised.map((name) => {
    const [, arch, libc] = name.split("-");
    const { gnu, machine } = PROCESSORS[arch];
    const isForeign = arch !== host;
    const sysroot = `/usr/${gnu}-linux-gnu`;
    const wrapper = isForeign
      ? `${gnu}-linux-${libc === "musl" ? "musl" : "gnu"}-gcc`
      : `${libc === "musl" ? "musl" : `${gnu}-linux-gnu`}-gcc`;
    const usual = isMusl ? "musl" : "glibc";
    return {
      ...{ name, arch, libc, machine },
      compiler: !isForeign && libc === usual ? cc : wrapper,
      flags: libc === "musl" ? flagsOfMusl(arch, gnu, isForeign) : "",
      emulator: isForeign ? `qemu-${gnu}` : null,
      sysroot,
    };
  });
}

function flagsOfMusl(arch, gnu, isForeign) {
  const own = ["/usr/include", `/usr/include/${gnu}-linux-gnu`];
  const headers = isForeign ? [`/usr/${gnu}-linux-gnu/include`] : own;
  return [
    // gcc's own choice of atomic instructions at run time calls __getauxval, which is glibc's alone.
    ...(arch === "arm64" ? ["-mno-outline-atomics"] : []),
    // Only the kernel's headers are wanted of the system's, so they come last.
    ...headers
      .filter((folder) => isForeign || fs.existsSync(folder))
      .map((folder) => `-idirafter ${folder}`),
  ].join(" ");
}
