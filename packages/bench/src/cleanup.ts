// However the bench ends, what it made is removed and what it started is killed: at the end, by an error,
// by Ctrl-C. It knows neither files nor children, only what undoes them.
import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Returns what gives the signals their usual meaning again. */
export function cleanUpOnSignals(undo: () => void): () => void {
  const handlers = signals.map((signal) => {
    const end = (): void => {
      undo();
      console.error(
        `node-eio bench: ended by ${signal}; its files are removed`,
      );
      process.exit(128 + constants.signals[signal]);
    };
    process.on(signal, end);
    return () => process.off(signal, end);
  });
  return () => handlers.forEach((off) => off());
}
