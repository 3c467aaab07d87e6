// The functions of node:fs/promises on our requests, for one instance. It knows which functions there are, and how
// none of them works.
import nodePromises from "node:fs/promises";
import type { Submitter } from "../submitter.ts";
import { outward, showCaller } from "../../request/errors.ts";
import { Request } from "../../request/request.ts";
import { openHeld } from "../files/open.ts";
import { pathCalls, readlink } from "../files/paths.ts";
import { readFile } from "../files/read-file.ts";
import { statCalls } from "../files/stat.ts";
import {
  APPEND_FLAGS,
  WRITE_FLAGS,
  prepareWriteFile,
} from "../files/write-file.ts";
import { folderCalls } from "../directories/calls.ts";
import {
  callNodePromise,
  permitted,
  promiseForm,
  type AnyFunction,
} from "../call-forms.ts";
import {
  hasDescriptor,
  held,
  type HasDescriptor,
} from "../handles/descriptor.ts";
import { openHandle as openDescriptor } from "../handles/file-handle.ts";
import { noteOpened, placeOf } from "../observe/handles.ts";
import { promised } from "../submit.ts";
import { matchSignatures } from "../function-signatures.ts";
import { treeCalls } from "../trees/calls.ts";

type Functions = Record<string, AnyFunction>;

const permittedOpen = permitted(openHeld);

/** What Node's own has and needs no request of ours: watching is the loop's own business. */
const passed = { watch: nodePromises.watch, constants: nodePromises.constants };

/** Those of them that are ours. */
export function promiseFunctions(engine: () => Submitter): Functions {
  const openHandle = async (...args: unknown[]): Promise<unknown> => {
    const request = permittedOpen(args, engine);
    if (request === null) return callNodePromise("open", args);
    const place = placeOf(engine(), openHandle);
    let fd: number;
    try {
      fd = await promised<number>(engine(), request);
    } catch (error) {
      showCaller(error, openHandle);
      throw error;
    }
    const handle = await openDescriptor(fd, engine);
    const descriptor = (handle as unknown as HasDescriptor)[held];
    descriptor.path = request.path;
    noteOpened(engine(), descriptor, place);
    return handle;
  };

  const writer = (name: string, flags: number): AnyFunction => {
    const form = {
      async [name](...args: unknown[]): Promise<unknown> {
        const [target, data, options] = args;
        if (hasDescriptor(target))
          return (target as unknown as Functions)[name]!(data, options);
        const prepared = prepareWriteFile(args, flags, engine);
        if (prepared === null) return callNodePromise(name, args);
        return prepared instanceof Request
          ? promised(engine(), prepared)
          : outward(prepared());
      },
    };
    return form[name]!;
  };

  const quick = promiseForm("readFile", readFile, engine);
  const readFileOrHandle = (path: unknown, options?: unknown): unknown =>
    hasDescriptor(path)
      ? (path as unknown as Functions)["readFile"]!(options)
      : quick(path, options);
  Object.defineProperty(readFileOrHandle, "name", { value: "readFile" });

  const functions: Functions = {
    ...folderCalls(engine).promises,
    ...treeCalls(engine).promises,
    open: { open: openHandle }.open,
    readFile: readFileOrHandle,
    writeFile: writer("writeFile", WRITE_FLAGS),
    appendFile: writer("appendFile", APPEND_FLAGS),
    readlink: promiseForm("readlink", readlink, engine),
    stat: promiseForm("stat", statCalls.stat, engine),
    lstat: promiseForm("lstat", statCalls.lstat, engine),
    statfs: promiseForm("statfs", statCalls.statfs, engine),
    lchmod: {
      lchmod: async (...args: unknown[]) => callNodePromise("lchmod", args),
    }.lchmod,
  };
  for (const [name, prepare] of Object.entries(pathCalls))
    functions[name] = promiseForm(name, prepare, engine);
  return functions;
}

export function promiseApi(engine: () => Submitter): Functions {
  const api = { ...nodePromises, ...promiseFunctions(engine), ...passed };
  return matchSignatures(api as unknown as Functions, nodePromises);
}
