// Types of locks.mjs, for the test that runs a small part of it.
export interface Found {
  seconds: number;
  counted: number;
  failed: number;
  sections: number;
  overlaps: number;
  refused: number;
  unreported: number;
  abandoned: number;
  tokensGrow: boolean;
}

export function contend(options: {
  kind: "lock" | "lease";
  processes: number;
  sections: number;
  kills: number;
  stops: number;
  leaseMs: number;
}): Promise<Found>;

export function judge(
  text: string,
  killed: ReadonlySet<number>,
): Omit<Found, "seconds" | "counted" | "failed">;

export function lastLine(log: string): string;
