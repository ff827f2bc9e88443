/** How the time of a bar is written under a chart. Times are Unix milliseconds, shown in the browser's zone. */
const hourMs = 3_600_000;
const minuteFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** "09:15"; with the day where bars are wider than an hour. */
export function formatBucket(at: number, bucketMs: number): string {
  return (bucketMs > hourMs ? dayFormat : minuteFormat).format(at);
}
