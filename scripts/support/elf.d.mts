export interface Elf {
  machine: string;
  needed: string[];
  exported: string[];
  wanted: string[];
}
export function isOfNode(symbol: string): boolean;
export function readElf(file: string): Elf;
export function parseElf(text: string): Elf;
export function wrongWith(
  elf: Elf,
  target: { machine: string; libc: "glibc" | "musl" },
): string | null;
