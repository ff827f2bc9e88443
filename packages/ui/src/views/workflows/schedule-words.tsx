/** A schedule in words with its next run: "every 5 minutes, next in 3 min". */
import { TimeText } from "../../components/time-text.tsx";

export function ScheduleWords({ description, nextRunAt }: { description: string; nextRunAt: number | null }) {
  return (
    <span>
      {description}
      {nextRunAt === null ? null : (
        <>
          , next <TimeText at={nextRunAt} />
        </>
      )}
    </span>
  );
}
