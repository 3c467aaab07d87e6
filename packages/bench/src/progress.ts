// What is going on, on a terminal, and silence where there is none.
import type { Watch } from "./rounds.ts";

export interface Progress {
  watch: Watch;
  stop(): void;
}

const silent: Progress = { watch: () => {}, stop: () => {} };

export async function startProgress(quiet: boolean): Promise<Progress> {
  // A terminal without a width (a pseudo terminal that nobody sized) cannot be written over.
  if (quiet || !process.stderr.isTTY || !process.stderr.columns) return silent;
  const { default: ora } = await import("ora");
  // Ctrl-C is the bench's own business: it has files to remove.
  const spinner = ora({ discardStdin: false, stream: process.stderr }).start();
  const beganMs = performance.now();
  return {
    watch(done, of, what) {
      const passedMs = performance.now() - beganMs;
      const left =
        done === 0
          ? ""
          : `, about ${leftText((passedMs / done) * (of - done))} left`;
      spinner.text = `${what} (${done} of ${of}${left})`;
    },
    stop: () => void spinner.stop(),
  };
}

export function leftText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
