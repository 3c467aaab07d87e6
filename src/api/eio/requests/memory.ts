// libeio's requests on memory: of a buffer, or of the whole process. They need native code: elsewhere they
// end with ENOSYS, as libeio's do where the system lacks them.
import type { Register } from "../../../ops/kinds.ts";
import type { OpName } from "../../../ops/table.ts";
import { outOfRange } from "../../argument-errors.ts";
import { plain, type Declaration, type Param } from "../declare.ts";

const range: readonly Param[] = [
  ["addr", "buffer"],
  ["length", "wholeLength"],
];
const flags = ["flags", "uint"] as const;

/** The length is the buffer's own where it is null. */
const onMemory = (op: OpName, ...rest: Param[]): Declaration => {
  const order: Register[] = ["data", "b", ...rest.map(() => "a" as const)];
  return plain(op, [...range, ...rest], {
    order,
    complete(request) {
      const { data, b: length } = request;
      request.b = 0;
      if (length < 0) return 0;
      if (length > data!.byteLength)
        throw outOfRange("length", `>= 0 && <= ${data!.byteLength}`, length);
      request.data = data!.subarray(0, length);
      return 0;
    },
  });
};

export const memoryRequests = {
  msync: onMemory("msync", flags),
  mtouch: onMemory("mtouch", flags),
  mlock: onMemory("mlock"),
  munlock: onMemory("munlock"),
  mlockall: plain("mlockall", [flags]),
  munlockall: plain("munlockall", []),
};
