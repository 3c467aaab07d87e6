// Without native code the pool's workers send what they have read as one message.
import { vi } from "vitest";
import { chunksSuite } from "./chunks-suite.ts";

vi.hoisted(() => (process.env["NODE_EIO_NATIVE"] = "0"));

chunksSuite("pool", "node");
