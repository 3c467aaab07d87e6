export interface KillsFound {
  kills: number;
  acknowledged: number;
  read: number;
  lost: number;
  wrong: number;
}
export function recordOf(run: number, number: number): string;
export function killAll(options: {
  kills: number;
  within?: string;
  onKill?: (found: KillsFound) => void;
}): Promise<KillsFound>;
