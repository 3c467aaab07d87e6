// Which of the codings that a file may lie beside itself in a client wants most (Accept-Encoding, with
// its weights). It knows the header, not whether there is such a file.

export interface Coding {
  /** As in Content-Encoding. */
  name: string;
  /** What its file's name ends in. */
  suffix: string;
}

/** The better ones first: where a client does not mind, it gets the smaller file. */
const codings: Coding[] = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
];

const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

export function acceptedCodings(header: string | undefined): Coding[] {
  if (header === undefined) return [];
  const weights = new Map<string, number>();
  for (const part of header.split(",")) {
    const [name = "", ...parameters] = part
      .split(";")
      .map((text) => text.trim());
    const quality = parameters.find((text) => /^q=/i.test(text));
    const weight =
      quality === undefined ? 1 : Number(WEIGHT.exec(quality)?.[1] ?? 0);
    weights.set(name.toLowerCase(), weight);
  }
  const weightOf = (name: string): number =>
    weights.get(name) ??
    (name === "gzip" ? weights.get("x-gzip") : undefined) ??
    weights.get("*") ??
    0;
  // Unless it is named, the file as it is will always do, and is wanted least.
  const plain = weights.get("identity") ?? 0;
  return codings
    .map((coding) => ({ coding, weight: weightOf(coding.name) }))
    .filter(({ weight }) => weight > 0 && weight >= plain)
    .sort((a, b) => b.weight - a.weight)
    .map(({ coding }) => coding);
}
