/** `/health`: how the host is. */
import { useQuery } from "@tanstack/react-query";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { ToneBadge } from "../components/status-badge.tsx";
import { healthQuery } from "../services/health.ts";
import { HealthChecks, HealthFigures, HostFacts, Latencies } from "../views/health/health-panels.tsx";

export function HealthView() {
  const query = useQuery(healthQuery);
  const status = query.data?.status;
  return (
    <>
      <PageHeader
        title="Health"
        description="The database, what waits, and how fast this host answers. The figures renew themselves."
        badge={
          status === undefined ? null : (
            <ToneBadge tone={status === "ok" ? "success" : "danger"}>
              {status === "ok" ? "All is well" : "Something is wrong"}
            </ToneBadge>
          )
        }
      />
      <QueryState query={query} height={700} lines={12}>
        {(health) => (
          <div className="stack">
            <HealthChecks checks={health.checks} />
            <HealthFigures health={health} />
            <Latencies latencies={health.latencies} />
            <HostFacts health={health} />
          </div>
        )}
      </QueryState>
    </>
  );
}
