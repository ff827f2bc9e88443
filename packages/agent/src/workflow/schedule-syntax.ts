/** How the schedule of a producer is written, and what is wrong with one. */
import { z } from "zod";
import { cronFault } from "../schedule/cron-expression.ts";
import { GAP_RULES, OVERLAP_RULES } from "../schedule/dst-policy.ts";
import { parseDuration } from "../schedule/duration.ts";

const schedule = z.union([
  z.strictObject({ interval: z.string() }),
  z.strictObject({
    cron: z.string(),
    timezone: z.string().optional(),
    dst: z.strictObject({ gap: z.enum(GAP_RULES).optional(), overlap: z.enum(OVERLAP_RULES).optional() }).optional(),
  }),
]);

const FORM =
  `{ interval: "5m" } or { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" }, ` +
  `there also with dst: { gap: "shift" | "skip", overlap: "first" | "last" | "both" }`;

/** What is wrong with a schedule, beginning with the path inside it; null if nothing is. */
export function scheduleFault(value: unknown): string | null {
  const parsed = schedule.safeParse(value);
  if (!parsed.success) return `: must be ${FORM}`;
  if ("interval" in parsed.data) {
    const milliseconds = parseDuration(parsed.data.interval);
    if (milliseconds === null)
      return `.interval: "${parsed.data.interval}" is not a duration such as "30s", "5m" or "1h"`;
    return milliseconds < 1_000 ? ".interval: must be at least one second" : null;
  }
  const fault = cronFault(parsed.data.cron, parsed.data.timezone ?? "UTC");
  if (!fault) return null;
  if (fault.field === "timezone") return `.timezone: ${fault.message}`;
  const place = fault.position === null ? "" : ` (character ${fault.position + 1} of "${parsed.data.cron}")`;
  return `.cron: ${fault.message}${place}`;
}
