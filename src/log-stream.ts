// The door for loggers: a stream with sonic-boom's interface, as pino takes it. It exports, and has nothing of its own.
export {
  LogStream,
  LogStream as SonicBoom,
} from "./api/log-stream/log-stream.ts";
export type { LogFs, LogStreamOptions } from "./api/log-stream/options.ts";
export { LogStream as default } from "./api/log-stream/log-stream.ts";
