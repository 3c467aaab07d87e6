// The command without its process: what it prints and its status, where no more is of interest. It knows no option.
import { vi } from "vitest";
import { main } from "../src/main.ts";

export async function inProcess(
  args: string[],
): Promise<{ status: number; out: string; err: string }> {
  const printed = { log: "", error: "" };
  const spies = (["log", "error"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...texts: unknown[]) => {
      printed[name] += `${texts.join(" ")}\n`;
    }),
  );
  try {
    const status = await main(args);
    return { status, out: printed.log, err: printed.error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
