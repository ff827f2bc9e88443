/** `pnpm crash --disk-full`: kills so many lives on disks that fill up, and prints what it found. */
import { DISKS, killOnFullDisks, type DiskFullOptions } from "./disk-full.ts";
import { describeReport } from "./kill-report.ts";

/** Gives whether anything was wrong. */
export async function fillDisks(options: DiskFullOptions): Promise<boolean> {
  const { report, failed, kept, skipped } = await killOnFullDisks(options, Object.keys(DISKS));
  for (const reason of skipped) console.log(`skipped: ${reason}`);
  console.log(`\n${describeReport(report).join("\n")}`);
  if (kept !== null) console.log(`kept: ${kept}`);
  return failed;
}
