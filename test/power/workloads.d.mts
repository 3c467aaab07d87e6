export interface Workload {
  name: string;
  run(
    given: object,
  ): Promise<
    (left: object, at: number) => string | null | Promise<string | null>
  >;
}
export interface Found {
  workload: string;
  profile: string;
  seeds: number;
  lost: number;
  kinds: string[];
  example: { seed: number; at: number } | null;
}
export const log: Workload;
export const ours: Workload;
export const onlyNames: Workload;
export const unsynced: Workload;
export function ofPackage(write: unknown): Workload;
export function crashes(
  workload: Workload,
  tools: object,
  options: { seeds: number; first?: number; profile: string },
): Promise<Found>;
export const profileNames: ("posix" | "ext4" | "xfs" | "btrfs")[];
