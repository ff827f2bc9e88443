/** Durations as people write and read them. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

/** Reads a duration such as "500ms", "30s", "5m", "1h", "1d" or "1h30m" as milliseconds; null if it is not one. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(ms|[smhdw]))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    // The pattern admits the units of the table only.
    total += Number(amount) * UNITS[unit as Unit];
  }
  return Number.isSafeInteger(total) ? total : null;
}

const NAMES = [
  ["week", UNITS.w],
  ["day", UNITS.d],
  ["hour", UNITS.h],
  ["minute", UNITS.m],
  ["second", UNITS.s],
  ["millisecond", UNITS.ms],
] as const;

/** Says a duration in milliseconds in words: "5 minutes", "1 hour 30 minutes", "0 milliseconds". */
export function describeDuration(milliseconds: number): string {
  const words: string[] = [];
  let rest = Math.round(milliseconds);
  for (const [name, size] of NAMES) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) words.push(`${amount} ${name}${amount === 1 ? "" : "s"}`);
  }
  return words.length > 0 ? words.join(" ") : "0 milliseconds";
}
