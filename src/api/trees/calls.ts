// The calls on whole trees and on what leads to them, for one instance, in their two forms. It does not
// know how any of them is done.
import type { Submitter } from "../submitter.ts";
import {
  callbackForm,
  madeLate,
  promiseForm,
  type AnyFunction,
  type Prepare,
} from "../call-forms.ts";
import { cpForms } from "./cp.ts";
import { globForms } from "./glob.ts";
import { mkdir, mkdtemp } from "../directories/mkdir.ts";
import { mkdtempDisposableOf } from "../promises/mkdtemp-disposable.ts";
import { realpathForms } from "../files/realpath.ts";
import { rm, rmdir } from "./rm.ts";

type Functions = Record<string, AnyFunction>;

const inBothForms: Record<string, Prepare> = {
  rm: (args, engine) => rm(args, engine),
  rmdir: (args, engine) => rmdir(args, engine),
  mkdir: (args, engine) => mkdir(args, engine),
  mkdtemp: (args, engine) => mkdtemp(args, engine),
};

export function treeCalls(engine: () => Submitter): {
  promises: Functions;
  callbacks: Functions;
} {
  const realpath = madeOnce(() => realpathForms(engine));
  const cp = madeOnce(() => cpForms(engine));
  const glob = madeOnce(() => globForms(engine));
  const promises: Functions = {
    realpath: madeLate(() => realpath().promised),
    cp: madeLate(() => cp().promised),
    glob: madeLate(() => glob().promised),
  };
  const callbacks: Functions = {
    realpath: Object.assign(
      madeLate(() => realpath().called),
      { native: madeLate(() => realpath().native) },
    ),
    cp: madeLate(() => cp().called),
    glob: madeLate(() => glob().called),
  };
  for (const [name, prepare] of Object.entries(inBothForms)) {
    promises[name] = promiseForm(name, prepare, engine);
    callbacks[name] = callbackForm(name, prepare, engine);
  }
  promises["mkdtempDisposable"] = madeLate(() =>
    mkdtempDisposableOf(promises["mkdtemp"]!, engine),
  );
  return { promises, callbacks };
}

/** The two forms share what they have. */
function madeOnce<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
