// sendFile where there is no native code: the same, by a stream.
import { describe, vi } from "vitest";
import { sendFileSuite } from "./suite.ts";

vi.hoisted(() => (process.env["NODE_EIO_NATIVE"] = "0"));

describe("without native code", sendFileSuite);
