// What the workers of the pool are not to load: the register door, which the process was started with
// and threads inherit. It would cost each of them more than all the rest of their start.
import { fileURLToPath } from "node:url";

const DOOR = "node-eio/register";
/** In the built package; the sources have it elsewhere, and nobody preloads those. */
const ownUrl = new URL("./register.js", import.meta.url);

const isRegister = (value: string | undefined): boolean =>
  value === DOOR ||
  value === ownUrl.href ||
  value === fileURLToPath(ownUrl) ||
  (value !== undefined && fileURLToPath(ownUrl).endsWith(`/${value}`));

/** The arguments without those that load the register door; the same array where there are none. */
export function withoutRegister(args: readonly string[]): readonly string[] {
  const left: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, flag, inline] =
      /^(--import|--require|-r)(?:=(.*))?$/.exec(args[i]!) ?? [];
    if (flag === undefined) left.push(args[i]!);
    else if (inline !== undefined) {
      if (!isRegister(inline)) left.push(args[i]!);
    } else {
      const value = args[++i];
      if (!isRegister(value)) left.push(flag, ...(value ? [value] : []));
    }
  }
  return left.length === args.length ? args : left;
}

interface ThreadOptions {
  execArgv?: string[];
  env?: NodeJS.ProcessEnv;
}

/** For the start of a worker; nothing where nothing is to be left out. */
export function workerOptions(
  execArgv: readonly string[] = process.execArgv,
  env: NodeJS.ProcessEnv = process.env,
): ThreadOptions {
  const args = withoutRegister(execArgv);
  const told = env["NODE_OPTIONS"]?.split(/\s+/) ?? [];
  const options = withoutRegister(told);
  return {
    ...(args === execArgv ? {} : { execArgv: [...args] }),
    ...(options === told
      ? {}
      : { env: { ...env, NODE_OPTIONS: options.join(" ") } }),
  };
}
