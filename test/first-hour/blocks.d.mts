interface Block {
  kind: "file" | "commands" | "output";
  name: string;
  body: string;
}
export function blocksOf(text: string): { title: string; blocks: Block[] }[];
export function sameAs(shown: string, output: string): boolean;
