// What is published has the binaries that README promises, or is not published; each is compiled for what its name says, and one that
// would not run there is refused. That they load is for the script to say that makes them.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseElf, readElf, wrongWith } from "../../scripts/support/elf.mjs";
import { targetsOn } from "../../scripts/support/prebuild-targets.mjs";
import {
  fileOf,
  lackedBy,
  promised,
  refusal,
} from "../../scripts/support/prebuilds.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const { files, scripts } = JSON.parse(
  fs.readFileSync(path.join(root, "package.json"), "utf8"),
) as { files: string[]; scripts: Record<string, string> };

it("Linux on x64 and arm64 is promised a binary, with glibc and with musl", () => {
  expect(promised).toEqual([
    "linux-x64-glibc",
    "linux-x64-musl",
    "linux-arm64-glibc",
    "linux-arm64-musl",
  ]);
});

it("a tarball lacks each binary that is promised and not in it", () => {
  const all = ["dist/index.js", ...promised.map(fileOf)];
  expect(lackedBy(all)).toEqual([]);
  for (const name of promised) {
    const lacked = lackedBy(all.filter((file) => file !== fileOf(name)));
    expect(lacked).toEqual([name]);
    expect(refusal(lacked)).toContain(`${fileOf(name)} is missing`);
  }
});

it("packing and publishing require them", () => {
  expect(files).toContain("prebuilds");
  expect(scripts["prepack"]).toBe("node scripts/prebuild.mjs --required");
  expect(scripts["prepublishOnly"]).toMatch(/test:pack -- --required$/);
});

describe("each is compiled", () => {
  const compilers = (
    ...args: Parameters<typeof targetsOn>
  ): Record<string, string> =>
    Object.fromEntries(
      targetsOn(...args).map(({ name, compiler, emulator }) => [
        name,
        [compiler, emulator].filter((one) => one !== null).join(", "),
      ]),
    );

  it("by the machine's own compiler, or one for the other processor, which an emulator runs", () => {
    expect(compilers("x64", { cc: "clang" })).toEqual({
      "linux-x64-glibc": "clang",
      "linux-x64-musl": "musl-gcc",
      "linux-arm64-glibc": "aarch64-linux-gnu-gcc, qemu-aarch64",
      "linux-arm64-musl": "aarch64-linux-musl-gcc, qemu-aarch64",
    });
    expect(compilers("arm64")).toEqual({
      "linux-x64-glibc": "x86_64-linux-gnu-gcc, qemu-x86_64",
      "linux-x64-musl": "x86_64-linux-musl-gcc, qemu-x86_64",
      "linux-arm64-glibc": "gcc",
      "linux-arm64-musl": "musl-gcc",
    });
  });

  it("for musl by the own one where that is Alpine's", () => {
    const own = compilers("x64", { cc: "gcc", isMusl: true });
    expect(own["linux-x64-musl"]).toBe("gcc");
    expect(own["linux-x64-glibc"]).not.toBe("gcc");
  });

  it("without atomics for musl on arm64 that only glibc can choose", () => {
    const chosen = targetsOn("x64").filter(({ flags }) =>
      flags.includes("-mno-outline-atomics"),
    );
    expect(chosen.map(({ name }) => name)).toEqual(["linux-arm64-musl"]);
  });
});

describe("a binary", () => {
  const [x64, x64Musl, arm64] = targetsOn("x64") as [
    ReturnType<typeof targetsOn>[number],
    ReturnType<typeof targetsOn>[number],
    ReturnType<typeof targetsOn>[number],
  ];
  /** As readelf prints it. */
  const text = (libc: string, ...symbols: string[]): string =>
    `ELF Header:
  Machine:                           AArch64
 0x0000000000000001 (NEEDED)             Shared library: [${libc}]
Symbol table '.dynsym' contains 197 entries:
   Num:    Value          Size Type    Bind   Vis      Ndx Name
     1: 00000000000065a0     0 SECTION LOCAL  DEFAULT    7 .init
     2: 0000000000000000     0 FUNC    WEAK   DEFAULT  UND __cxa_finalize@CXXABI_9 (3)
     3: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND napi_create_int64
${symbols.map((symbol, i) => `${String(i + 4).padStart(6)}: ${symbol}\n`).join("")}`;
  const entry =
    "0000000000028b0c   120 FUNC    GLOBAL DEFAULT   10 napi_register_module_v1";
  const wants = (name: string): string =>
    `0000000000000000     0 FUNC    GLOBAL DEFAULT  UND ${name}`;
  const glibc = (...symbols: string[]): string | null =>
    wrongWith(parseElf(text("libc.so.6", entry, ...symbols)), arm64);

  it("passes with Node's functions and old ones of its own C library", () => {
    expect(glibc(wants("pread64@GLIBC_2.17 (2)"))).toBe(null);
    const musl = { ...arm64, libc: "musl" as const };
    for (const name of ["libc.so", "libc.musl-aarch64.so.1"])
      expect(wrongWith(parseElf(text(name, entry, wants("pread"))), musl)).toBe(
        null,
      );
  });

  it("is refused for another processor", () => {
    const elf = parseElf(text("libc.so.6", entry));
    expect(wrongWith(elf, x64)).toBe("it is for AArch64");
    expect(wrongWith(parseElf(""), x64)).toBe("it is for no processor");
  });

  it("is refused with a library that may be missing, another C library's too", () => {
    const of = (library: string): string | null =>
      wrongWith(parseElf(text(library, entry)), arm64);
    expect(of("libgcc_s.so.1")).toBe("it needs libgcc_s.so.1");
    expect(of("libc.so")).toBe("it needs libc.so");
    const musl = { ...arm64, libc: "musl" as const };
    expect(wrongWith(parseElf(text("libc.so.6", entry)), musl)).toBe(
      "it needs libc.so.6",
    );
  });

  it("is refused with a function that glibc 2.17 did not have", () => {
    expect(glibc(wants("dlsym@GLIBC_2.34 (5)"))).toBe(
      "unexpected symbols: dlsym@GLIBC_2.34",
    );
    expect(glibc(wants("__popcountdi2@GCC_3.4 (4)"))).toContain("@GCC_3.4");
    expect(glibc(wants("pread"))).toContain("pread");
  });

  it("is refused where it exports more than Node looks for, or not that", () => {
    const more = "0000000000028b0c   120 FUNC    GLOBAL DEFAULT   10 helper";
    expect(glibc(more)).toBe("unexpected symbols: helper");
    expect(wrongWith(parseElf(text("libc.so.6")), arm64)).toBe(
      "it does not export napi_register_module_v1",
    );
  });

  it("that was made here is as it should be", () => {
    expect(x64Musl.libc).toBe("musl");
    for (const target of targetsOn(process.arch)) {
      const file = path.join(root, fileOf(target.name));
      if (!fs.existsSync(file)) continue;
      expect(wrongWith(readElf(file), target), target.name).toBe(null);
    }
  });
});
