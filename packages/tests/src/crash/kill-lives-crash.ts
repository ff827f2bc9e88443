/** `pnpm crash`: kills so many lives, says how far it is, and prints what it found. */
import { killCycles, type KillOptions } from "./kill-cycles.ts";
import { describeReport, killsOf } from "./kill-report.ts";

const PROGRESS_MS = 20_000;

/** Gives whether anything was wrong. */
export async function crashLives(options: KillOptions): Promise<boolean> {
  const startedAt = Date.now();
  let saidAt = startedAt;
  const { report, failed, kept } = await killCycles({
    ...options,
    onKill(soFar) {
      if (Date.now() - saidAt < PROGRESS_MS) return;
      saidAt = Date.now();
      const kills = killsOf(soFar);
      console.log(`  ${kills} kills, ${perMinute(kills, startedAt)} a minute; ${soFar.grounds} databases checked`);
    },
  });
  const kills = killsOf(report);
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  console.log(`\n${describeReport(report).join("\n")}`);
  console.log(
    `${"time".padEnd(34)} ${seconds} s, ${perMinute(kills, startedAt)} kills a minute on ${options.lanes} lanes`,
  );
  if (kept !== null) console.log(`kept: ${kept}`);
  return failed;
}

function perMinute(kills: number, startedAt: number): number {
  return Math.round((kills * 60_000) / (Date.now() - startedAt));
}
