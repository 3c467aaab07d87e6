#!/usr/bin/env node
// The `node-eio` command: finds the subcommand and hands it the rest of the line. It loads none that
// was not requested, and knows what each is for only by the sentence in its table.
import { notInstalled, packageVersion } from "./internal.ts";

/** What the module of a subcommand exports. */
export interface Command {
  /** Returns the status that the process is to end with. */
  main(args: string[]): Promise<number>;
}

const USAGE_STATUS = 2;
const UNAVAILABLE_STATUS = 1;

const commands: Record<string, { about: string; load(): Promise<Command> }> = {
  bench: {
    about: "measures backends and node:fs on this machine",
    load: () => import("@node-eio/bench"),
  },
  doctor: {
    about: "says what this machine offers, and what to change",
    load: () => import("./api/doctor/doctor.ts"),
  },
  serve: {
    about: "serves a folder over HTTP",
    load: () => import("@node-eio/serve/command"),
  },
};

function help(): string {
  const lines = Object.entries(commands).map(
    ([name, { about }]) => `  ${name.padEnd(8)} ${about}`,
  );
  return [
    "Usage: node-eio <command> [options]",
    "",
    ...lines,
    "",
    "node-eio <command> --help lists a command's options; node-eio --version, which this is.",
  ].join("\n");
}

async function run(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version" || name === "-v") {
    console.log(packageVersion());
    return 0;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    console.log(help());
    return 0;
  }
  if (name === undefined || !Object.hasOwn(commands, name)) {
    const what = name === undefined ? "no command" : `no command "${name}"`;
    console.error(`node-eio: ${what}\n\n${help()}`);
    return USAGE_STATUS;
  }
  try {
    const { main } = await commands[name]!.load();
    return await main(rest);
  } catch (error) {
    const failure = notInstalled(
      `node-eio ${name}`,
      `@node-eio/${name}`,
      error,
    ) as NodeJS.ErrnoException;
    if (failure.code !== "ERR_EIO_NOT_INSTALLED") throw failure;
    console.error(`node-eio: ${failure.message}`);
    return UNAVAILABLE_STATUS;
  }
}

// `node-eio ... | head` is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
