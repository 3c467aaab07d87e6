// The two sides of a comparison, each in one process: Perl with IO::AIO, and a bundle of play.ts. It knows where
// they run and what they read and write, not what scenarios are about.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Outcomes, Recording, Scenario } from "./scenario.ts";

const root = process.env.EIO_ROOT ?? path.resolve(import.meta.dirname, "../..");
const script = path.join(root, "test/libeio/run.pl");
export const recordingPath = path.join(root, "test/libeio/recorded.json");
/** Another file system than that of temporary files, on Linux. */
const OTHER = "/dev/shm";

const built = path.join(root, "native-aio/build/Release/node-eio.node");

/** Why our side cannot do what libeio does; null where it can. */
export const whyNotOurs = (): string | null =>
  fs.existsSync(built) ? null : "native code is not built here";

/** Why there is no real libeio here; null where there is. */
export function whyNoPerl(): string | null {
  const { status, error, stderr } = spawnSync(
    "perl",
    ["-MIO::AIO", "-e", "0"],
    { encoding: "utf8" },
  );
  if (error !== undefined) return "there is no perl";
  return status === 0 ? null : (stderr.split("\n")[0] ?? "perl has no IO::AIO");
}

export const runPerl = (scenarios: readonly Scenario[]): Promise<Recording> =>
  play("perl", [script], scenarios) as Promise<Recording>;

/** `program` is the bundle of play.ts. */
export const runOurs = async (
  program: string,
  scenarios: readonly Scenario[],
): Promise<Outcomes> => {
  const played = await play(process.execPath, [program], scenarios, {
    NODE_EIO_NATIVE: built,
  });
  return (played as { outcomes: Outcomes }).outcomes;
};

async function play(
  command: string,
  args: string[],
  scenarios: readonly Scenario[],
  env: Record<string, string> = {},
): Promise<unknown> {
  const folder = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), "eio-libeio-")),
  );
  const away = fs.existsSync(OTHER) ? OTHER : os.tmpdir();
  const other = fs.mkdtempSync(path.join(away, "eio-libeio-"));
  try {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env, LC_ALL: "C" },
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify({ scenarios, folder, other }));
    const ended = new Promise<string>((resolve) =>
      child.once("close", (code, signal) => resolve(String(signal ?? code))),
    );
    const [out, err] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
    ]);
    const how = await ended;
    if (how !== "0") throw new Error(`${command} ended with ${how}: ${err}`);
    return JSON.parse(out);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.rmSync(other, { recursive: true, force: true });
  }
}

export const readRecording = (): Recording =>
  JSON.parse(fs.readFileSync(recordingPath, "utf8")) as Recording;

/** What this machine is like, in the words of a recording. */
export function thisMachine(): Omit<Recording, "outcomes" | "version"> {
  const { stdout } = spawnSync("stat", ["-f", "-c", "%T", os.tmpdir()], {
    encoding: "utf8",
  });
  return {
    kernel: os.release(),
    fileSystem: stdout.trim(),
    user: process.geteuid?.() === 0 ? "root" : "user",
  };
}
