// The calls on whole trees and on what leads to them, for one instance, in their two forms.
import type { Engine } from "../../engine/engine.ts";
import {
  callbackForm,
  promiseForm,
  type AnyFunction,
  type Prepare,
} from "../forms.ts";
import { cpForms } from "./cp.ts";
import { globForms } from "./glob.ts";
import { mkdir, mkdtemp } from "./mkdir.ts";
import { mkdtempDisposableOf } from "./mkdtemp-disposable.ts";
import { realpathForms } from "./realpath.ts";
import { rm, rmdir } from "./rm.ts";

type Functions = Record<string, AnyFunction>;

const inBothForms: Record<string, Prepare> = { rm, rmdir, mkdir, mkdtemp };

export function treeCalls(engine: () => Engine): {
  promises: Functions;
  callbacks: Functions;
} {
  const realpath = realpathForms(engine);
  const promises: Functions = { realpath: realpath.promised };
  const callbacks: Functions = { realpath: realpath.called };
  for (const [name, prepare] of Object.entries(inBothForms)) {
    promises[name] = promiseForm(name, prepare, engine);
    callbacks[name] = callbackForm(name, prepare, engine);
  }
  const cp = cpForms(engine);
  const glob = globForms(engine);
  promises["cp"] = cp.promised;
  callbacks["cp"] = cp.called;
  promises["glob"] = glob.promised;
  callbacks["glob"] = glob.called;
  promises["mkdtempDisposable"] = mkdtempDisposableOf(
    promises["mkdtemp"]!,
    engine,
  );
  return { promises, callbacks };
}
