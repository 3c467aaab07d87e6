// The functions of node:fs that take a descriptor and call back, for one instance. It does not know what data is in:
// read-write.ts does.
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { acceptFd } from "../arguments.ts";
import {
  callNodeCallback,
  callbackForm,
  callbackOf,
  type AnyFunction,
  type Prepare,
} from "../call-forms.ts";
import type { Callback } from "./call-in-context.ts";
import { called, settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";
import { closeWithNode, isNodes } from "../descriptors/environment.ts";
import { prepares } from "../descriptors/prepare.ts";
import { readWriteCalls } from "./read-write.ts";
import {
  prepareData,
  prepareReadRest,
  writeAndSync,
} from "../descriptors/read-write-all.ts";

type Functions = Record<string, AnyFunction>;

/** The same call with the descriptor in front of its arguments. */
const onDescriptor =
  (prepare: Prepare): Prepare =>
  ([given, ...args], engine) => {
    const fd = acceptFd(given);
    const request = Number.isNaN(fd) ? null : prepare(args, engine);
    if (request !== null) request.fd = fd;
    return request;
  };

/** What Node does with the outcome of a close that has no callback. */
const throwError: Callback = (error) => {
  if (error) throw error;
};

const readRest: Prepare = ([options], engine) =>
  prepareReadRest(options, () => termsOf(engine(), options));

const CANNOT_BE_READ = new Set(["EBADF", "EISDIR"]);

/** What cannot be read is nothing to Node, no failure: its own function says which nothing. */
const emptyIfUnreadable =
  (readFile: AnyFunction): AnyFunction =>
  (...args) => {
    const callback = args.at(-1);
    if (typeof callback !== "function") return readFile(...args);
    const deliver: Callback = (error, ...values) => {
      const code = (error as NodeJS.ErrnoException | null)?.code;
      if (code !== undefined && CANNOT_BE_READ.has(code))
        callNodeCallback("readFile", args);
      else callback(error, ...values);
    };
    return readFile(...args.slice(0, -1), deliver);
  };

export function descriptorCalls(engine: () => Submitter): Functions {
  function close(fd: unknown, callback: unknown = throwError): void {
    const taken = acceptFd(fd);
    if (Number.isNaN(taken) || typeof callback !== "function")
      return void callNodeCallback("close", [fd, callback]);
    if (isNodes(taken)) return closeWithNode(taken, callback as Callback);
    const request = new Request(ops.close.code, decodeNone, settlePromise);
    request.fd = taken;
    const terms = termsOf(engine(), undefined);
    called(engine(), applyTerms(request, terms), callback as Callback);
  }

  const writer = (name: "writeFile" | "appendFile"): AnyFunction => {
    const form = {
      [name](...args: unknown[]): void {
        const callback = args.at(-1);
        const [given, data, options] = args.slice(0, -1);
        const fd = acceptFd(given);
        if (typeof callback !== "function" || Number.isNaN(fd))
          return void callNodeCallback(name, args);
        const prepared =
          typeof data === "string" || ArrayBuffer.isView(data)
            ? prepareData(data, options)
            : null;
        if (prepared === null) return void callNodeCallback(name, args);
        const target = { engine: engine(), fd, owner: null };
        const terms = termsOf(target.engine, options);
        callbackOf(writeAndSync(target, prepared, terms), callback as Callback);
      },
    };
    return form[name]!;
  };

  const functions: Functions = {
    ...readWriteCalls(engine),
    close,
    readFile: emptyIfUnreadable(
      callbackForm("readFile", onDescriptor(readRest), engine),
    ),
    writeFile: writer("writeFile"),
    appendFile: writer("appendFile"),
  };
  for (const [name, prepare] of Object.entries(prepares))
    functions[name] = callbackForm(name, onDescriptor(prepare), engine);
  return functions;
}
