// The asynchronous functions of node:fs on our requests, for one instance; what is synchronous, a class, a constant
// or watched by the kernel is Node's own. It knows which functions there are, and how none of them works.
import nodeFs from "node:fs";
import { promisify } from "node:util";
import type { Submitter } from "../submitter.ts";
import { Request } from "../../request/request.ts";
import { openBare } from "../files/open.ts";
import { pathCalls, readlink } from "../files/paths.ts";
import { readFile } from "../files/read-file.ts";
import { statCalls } from "../files/stat.ts";
import {
  APPEND_FLAGS,
  WRITE_FLAGS,
  prepareWriteFile,
} from "../files/write-file.ts";
import { descriptorCalls } from "./descriptor-calls.ts";
import { folderCalls } from "../directories/calls.ts";
import type { Callback } from "./call-in-context.ts";
import {
  callNodeCallback,
  callbackForm,
  callbackOf,
  orAborted,
  type AnyFunction,
} from "../call-forms.ts";
import { called } from "../submit.ts";
import { matchSignatures } from "../function-signatures.ts";
import { standOn, writesReplaced } from "../register/overridden.ts";
import { streamProperties } from "../streams/calls.ts";
import { treeCalls } from "../trees/calls.ts";
import { watchCalls } from "../watch/calls.ts";

type Functions = Record<string, AnyFunction>;

/** Data that comes in pieces is for promises only, as in Node. */
const isWhole = (data: unknown): boolean =>
  typeof data === "string" || ArrayBuffer.isView(data);

/** Those of them that are ours. */
export function callbackFunctions(engine: () => Submitter): Functions {
  const descriptors = descriptorCalls(engine);

  /** By path in one hop; by descriptor, or more than fits one hop, otherwise. */
  const writer = (
    name: "writeFile" | "appendFile",
    flags: number,
  ): AnyFunction => {
    const form = {
      [name](...args: unknown[]): void {
        const callback = args.at(-1);
        if (typeof callback !== "function" || writesReplaced())
          return void callNodeCallback(name, args);
        if (typeof args[0] === "number")
          return void descriptors[name]!(...args);
        const given = args.slice(0, -1);
        const prepared = isWhole(given[1])
          ? orAborted(callback as Callback, () =>
              prepareWriteFile(given, flags, engine),
            )
          : null;
        if (prepared === null) return void callNodeCallback(name, args);
        if (prepared instanceof Request)
          called(engine(), prepared, callback as Callback);
        else if (prepared !== undefined)
          callbackOf(prepared(), callback as Callback);
      },
    };
    return form[name]!;
  };

  const readFileByPath = callbackForm("readFile", readFile, engine);
  const access = callbackForm("access", pathCalls.access, engine);

  function exists(path: unknown, ...rest: unknown[]): void {
    const callback = rest.at(-1);
    const options = rest.length > 1 ? rest[0] : undefined;
    if (typeof callback !== "function")
      return void callNodeCallback("exists", [path, callback]);
    const deliver = callback as (exists: boolean) => void;
    try {
      access(path, 0, options, (error: Error | null) =>
        deliver(error === null),
      );
    } catch {
      deliver(false);
    }
  }
  Object.defineProperty(exists, promisify.custom, {
    value: (path: unknown, options?: unknown) =>
      new Promise((resolve) => exists(path, options, resolve)),
  });

  const functions: Functions = {
    ...descriptors,
    ...folderCalls(engine).callbacks,
    ...treeCalls(engine).callbacks,
    ...watchCalls(engine),
    open: callbackForm("open", openBare, engine),
    readFile: {
      readFile(...args: unknown[]): void {
        if (typeof args[0] === "number") descriptors["readFile"]!(...args);
        else readFileByPath(...args);
      },
    }.readFile,
    writeFile: writer("writeFile", WRITE_FLAGS),
    appendFile: writer("appendFile", APPEND_FLAGS),
    readlink: callbackForm("readlink", readlink, engine),
    exists: exists as AnyFunction,
  };
  for (const [name, prepare] of Object.entries({ ...statCalls, ...pathCalls }))
    functions[name] = callbackForm(name, prepare, engine);
  return Object.defineProperties(functions, streamProperties(engine));
}

export function callbackApi(
  engine: () => Submitter,
  promises: Functions,
): Functions {
  const functions = callbackFunctions(engine);
  // Not a copy of the values: some are loaded when somebody reads them.
  const api = Object.defineProperties({} as Functions, {
    ...Object.getOwnPropertyDescriptors(nodeFs),
    ...Object.getOwnPropertyDescriptors(functions),
    promises: {
      configurable: true,
      enumerable: true,
      value: promises,
      writable: true,
    },
  });
  matchSignatures(api, nodeFs);
  standOn(api, engine);
  return api;
}
