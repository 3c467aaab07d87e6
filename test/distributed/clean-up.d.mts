// See clean-up.mjs.
export class CleanUp {
  add(what: string, step: () => void): void;
  run(): string[];
}
