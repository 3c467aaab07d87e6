export class Storm {
  constructor(
    folder: string,
    seed: number,
    exchange?: ((a: string, b: string) => Promise<void>) | null,
  );
  step(): Promise<void>;
  counts: Record<string, number>;
}
