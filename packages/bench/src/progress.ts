// What is going on, as a bar on a terminal, and silence where there is none. It does not know what is done.
import type { Watch } from "./rounds.ts";

export interface Progress {
  watch: Watch;
  stop(): void;
}

const silent: Progress = { watch: () => {}, stop: () => {} };
/** To the beginning of the line, and what is behind the cursor away. */
const OVER = "\r\x1b[K";

type Terminal = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write">;

export function startProgress(
  quiet: boolean,
  terminal: Terminal = process.stderr,
): Progress {
  // A terminal without a width (a pseudo terminal that nobody sized) cannot be written over.
  if (quiet || !terminal.isTTY || !terminal.columns) return silent;
  const beganMs = performance.now();
  return {
    watch(done, of, what) {
      const passedMs = performance.now() - beganMs;
      const left =
        done === 0
          ? ""
          : `about ${leftText((passedMs / done) * (of - done))} left, `;
      const line = `${barText(done, of)} ${left}${what}`;
      // A line that wraps is not one line any more.
      terminal.write(OVER + line.slice(0, terminal.columns - 1));
    },
    stop: () => void terminal.write(OVER),
  };
}

const BAR_CELLS = 24;

/** `[#####     ] 21 %`: a terminal that knows no more than ASCII shows it, too. */
export function barText(done: number, of: number): string {
  const share = of === 0 ? 0 : Math.min(1, done / of);
  const cells = Math.round(share * BAR_CELLS);
  return `[${"#".repeat(cells).padEnd(BAR_CELLS)}] ${Math.round(share * 100)} %`;
}

export function leftText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
