// Which of the process's own arguments a worker of the pool is started with: not the register door, which
// threads inherit and which would cost each of them more than all the rest of their start. It knows flags
// of Node, and nothing of what workers do.
import { fileURLToPath } from "node:url";

const DOOR = "node-eio/register";
/** In the built package; the sources have it elsewhere, and nobody preloads those. */
const ownUrls = ["./register.js", "./register.cjs"].map(
  (name) => new URL(name, import.meta.url),
);

const isRegister = (value: string): boolean =>
  value === DOOR ||
  ownUrls.some((url) => {
    const file = fileURLToPath(url);
    return value === url.href || value === file || file.endsWith(`/${value}`);
  });

/**
 * What a module that custom() loads may depend on, and that a worker takes as an argument of its own. Node
 * refuses to start one with the others: they are the process's (V8's options, --title), and hold in its
 * threads as they are.
 */
const WITH_VALUE =
  /^(?:--(?:import|require|experimental-loader|loader|conditions|disable-warning|input-type|experimental-default-type|unhandled-rejections)|-r|-C)$/;
const ALONE =
  /^--(?:no-)?(?:(?:trace-|pending-|throw-)?(?:warnings|deprecation)|enable-source-maps|frozen-intrinsics|preserve-symlinks|(?:experimental-)?(?:addon-modules|addons|detect-module|eventsource|global-\w+|import-meta-resolve|require-module|sqlite|strip-types|transform-types|vm-modules|wasm-modules|websocket|webstorage))$/;
const PRELOADS = /^(?:--(?:import|require)|-r)$/;

interface Flag {
  name: string;
  /** As it was written, in one argument or two. */
  words: readonly string[];
  value: string | undefined;
}

function* flagsOf(args: readonly string[]): Generator<Flag> {
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    const [, name, inline] = /^(-[^=]*)(?:=([^]*))?$/.exec(word) ?? [];
    if (name === undefined)
      yield { name: word, words: [word], value: undefined };
    else if (
      inline !== undefined ||
      !WITH_VALUE.test(name) ||
      i + 1 === args.length
    )
      yield { name, words: [word], value: inline };
    else yield { name, words: [word, args[i + 1]!], value: args[++i] };
  }
}

const loadsRegister = ({ name, value }: Flag): boolean =>
  value !== undefined && PRELOADS.test(name) && isRegister(value);

const isForWorkers = ({ name }: Flag): boolean =>
  WITH_VALUE.test(name) || ALONE.test(name);

/** The words of NODE_OPTIONS; quotes hold spaces together, and a backslash in them is for what follows. */
export function wordsOf(options: string): string[] {
  const words = options.match(/(?:"(?:\\[^]|[^"\\])*"|[^\s"])+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\[^]|[^"\\])*)"/g, (_quoted, text: string) =>
      text.replace(/\\([^])/g, "$1"),
    ),
  );
}

const quoted = (word: string): string =>
  /[\s"]/.test(word) ? `"${word.replace(/["\\]/g, "\\$&")}"` : word;

interface ThreadOptions {
  execArgv?: string[];
  env?: NodeJS.ProcessEnv;
}

/**
 * For the start of a worker; nothing where it may inherit all. Under the permission model it always does:
 * Node gives a worker with arguments of its own no permissions to keep to (seen up to 26.12).
 */
export function workerOptions(
  execArgv: readonly string[] = process.execArgv,
  env: NodeJS.ProcessEnv = process.env,
  permissions: unknown = process.permission,
): ThreadOptions {
  if (permissions !== undefined) return {};
  const given = [...flagsOf(execArgv)];
  const options = [...flagsOf(wordsOf(env["NODE_OPTIONS"] ?? ""))];
  if (!given.some(loadsRegister) && !options.some(loadsRegister)) return {};
  const kept = (flags: readonly Flag[]): string[] =>
    flags
      .filter((flag) => isForWorkers(flag) && !loadsRegister(flag))
      .flatMap(({ words }) => words);
  return {
    execArgv: kept(given),
    env: { ...env, NODE_OPTIONS: kept(options).map(quoted).join(" ") },
  };
}
