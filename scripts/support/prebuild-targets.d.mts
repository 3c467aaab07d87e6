export interface Target {
  name: string;
  arch: string;
  libc: "glibc" | "musl";
  machine: string;
  compiler: string;
  flags: string;
  emulator: string | null;
  sysroot: string;
}
export function targetsOn(
  host: string,
  own?: { cc?: string; isMusl?: boolean },
): Target[];
