// eio.copyFile without native code: the same digests, computed by node:crypto and in JavaScript.
import { describe, vi } from "vitest";
import { copyFileSuite } from "./copy-file-suite.ts";

vi.hoisted(() => (process.env["NODE_EIO_NATIVE"] = "0"));

describe("copyFile without native code", () => copyFileSuite("pool"));
