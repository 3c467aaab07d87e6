// See logging-disk.mjs.
export function whyNoDisk(): string | null;
export class LoggingDisk {
  readonly folder: string;
  readonly below: string;
  readonly position: number;
  mount(): Promise<void>;
  unmount(): Promise<void>;
  readLog(): Buffer;
  close(): Promise<void>;
}
