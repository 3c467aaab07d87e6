// The same folder where there is no native code: paths are kept below it by their real path.
import { vi } from "vitest";

vi.hoisted(() => (process.env["NODE_EIO_NATIVE"] = "0"));

await import("./static.test.ts");
