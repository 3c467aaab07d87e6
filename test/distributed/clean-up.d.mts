// See clean-up.mjs.
export class CleanUp {
  constructor(within?: CleanUp);
  add(what: string, step: () => void): void;
  run(): string[];
}
