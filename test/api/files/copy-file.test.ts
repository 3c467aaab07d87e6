// eio.copyFile by threads and by the pool, whose executors are C where there is native code.
import { describe } from "vitest";
import { loadNative } from "../../../src/backends/native.ts";
import { copyFileSuite } from "./copy-file-suite.ts";

const backends =
  loadNative().addon === null
    ? (["pool"] as const)
    : (["threads", "pool"] as const);

describe.each(backends)("copyFile by %s", copyFileSuite);
