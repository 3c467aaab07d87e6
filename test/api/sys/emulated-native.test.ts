// The calls that have an emulation, by the system itself.
import { describe } from "vitest";
import { loadNative } from "../../../src/backends/native.ts";
import { emulatedSuite } from "./emulated-suite.ts";

describe.skipIf(loadNative().addon === null)("with native code", emulatedSuite);
