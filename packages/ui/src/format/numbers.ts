/** Numbers in words, as every view writes them. */

const counts = new Intl.NumberFormat("en");
const decimals = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const byteUnits = ["B", "KB", "MB", "GB", "TB"] as const;

/** `12345` → "12,345". */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** "1 run", "3 runs"; the plural is the singular with an s unless it is given. */
export function formatNoun(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `1536` → "1.5 KB". Units of 1024. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${decimals.format(value)} ${byteUnits[unit] ?? "B"}`;
}
