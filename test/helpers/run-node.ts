// Runs Node with arguments, beside whatever else runs, and says how it ended: with spawnSync() the tests of a file run one
// after the other, and vitest hears nothing meanwhile. It knows no program.
import { execFile } from "node:child_process";

export interface Ended {
  status: number | string | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export const runNode = (
  args: readonly string[],
  options: { cwd?: string; timeout?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const { code = null, signal = null } = error ?? { code: 0 };
      resolve({ status: code as Ended["status"], signal, stdout, stderr });
    });
  });
