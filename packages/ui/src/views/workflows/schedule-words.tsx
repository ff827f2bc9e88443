/** A schedule in words with its next run: "every 5 minutes, next in 3 min", or "every 5 minutes, due 1 min ago". */
import { TimeText } from "../../components/time-text.tsx";
import { usePresentWords } from "../../services/present.ts";

export function ScheduleWords({ description, nextRunAt }: { description: string; nextRunAt: number | null }) {
  return (
    <span>
      {description}
      {nextRunAt === null ? null : <NextRun at={nextRunAt} />}
    </span>
  );
}

function NextRun({ at }: { at: number }) {
  const lead = usePresentWords((now) => (at < now ? ", " : ", next "));
  return (
    <>
      {lead}
      <TimeText at={at} due />
    </>
  );
}
