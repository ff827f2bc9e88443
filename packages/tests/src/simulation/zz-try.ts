import { drawWorld } from "/work/main/packages/tests/src/simulation/draw-world.ts";
import { runWorld } from "/work/main/packages/tests/src/simulation/simulation.ts";
const from = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 1),
  verbose = process.argv[4] === "v";
const t = Date.now();
let bad = 0;
const kinds = new Map<string, number[]>();
const total: Record<string, number> = {};
for (let seed = from; seed < from + n; seed++) {
  const plan = drawWorld(seed);
  const lines: string[] = [];
  const r = await runWorld(plan, { onLine: (l) => (verbose ? console.log(l) : lines.push(l)) });
  for (const [k, v] of Object.entries(r.counts)) total[k] = (total[k] ?? 0) + v;
  if (r.violations.length) {
    bad++;
    for (const v of r.violations.slice(0, 1)) {
      const k = v
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
        .replace(/\d+/g, "N")
        .slice(0, 150);
      kinds.set(k, [...(kinds.get(k) ?? []), seed]);
    }
  }
}
console.log(`${n} worlds, ${bad} bad, ${Date.now() - t} ms`);
for (const [k, s] of [...kinds].sort((a, b) => b[1].length - a[1].length))
  console.log(s.length, k, s.slice(0, 6).join(","));
if (process.env.T) console.log(total);
