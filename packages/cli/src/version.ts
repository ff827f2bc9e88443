/** The version of this package. */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** The manifest stands beside both `src` and `dist`, in which this file is bundled. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return z.object({ version: z.string() }).parse(manifest).version;
}
