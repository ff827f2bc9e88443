/** How the scheduler is doing, in four numbers. */
import "./jobs.css";
import { useQuery } from "@tanstack/react-query";
import { NumberStat, NumberStats } from "../../components/number-stat.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount } from "../../format/numbers.ts";
import { formatDuration } from "../../format/times.ts";
import { jobMetricsQuery } from "../../services/jobs.ts";

const height = 88;

export function SchedulerFigures() {
  const query = useQuery(jobMetricsQuery);
  return (
    <div className="scheduler-figures">
      <QueryState query={query} height={height} lines={0}>
        {({ open, lastHour, averageDurationMs, nextRun, oldestReadyMs }) => {
          const failed = lastHour.failed + lastHour.timeout;
          return (
            <NumberStats>
              <NumberStat label="Running now" value={open.running} hint={`${formatCount(open.pending)} waiting`} />
              <NumberStat
                label="Succeeded in the last hour"
                value={lastHour.success}
                hint={averageDurationMs === null ? "nothing ran" : `${formatDuration(averageDurationMs)} on average`}
              />
              <NumberStat
                label="Failed in the last hour"
                value={failed}
                hint={`${formatCount(lastHour.skipped)} left out`}
                tone={failed > 0 ? "danger" : "neutral"}
                link={{ to: "/dead-letters" }}
              />
              <NumberStat
                label="Longest wait"
                value={formatDuration(oldestReadyMs ?? 0)}
                hint={
                  <>
                    next run <TimeText at={nextRun} fallback="none" />
                  </>
                }
              />
            </NumberStats>
          );
        }}
      </QueryState>
    </div>
  );
}
