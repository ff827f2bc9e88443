/** `/jobs`: what runs by a schedule or an event. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FilterBar, type FilterField } from "../components/filter-bar.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { statusOptions } from "../components/status-words.ts";
import { useFilters } from "../services/filters.ts";
import { JOB_FILTERS, jobHandlersQuery, jobsQuery } from "../services/jobs.ts";
import { itemsOf } from "../services/pages.ts";
import { BulkActions } from "../views/jobs/bulk-actions.tsx";
import { JobTable } from "../views/jobs/job-table.tsx";
import { optionsOf, TYPE_WORDS } from "../views/jobs/job-words.ts";
import { SchedulerFigures } from "../views/jobs/scheduler-figures.tsx";

export function JobsView() {
  const [filters] = useFilters(JOB_FILTERS);
  const query = useInfiniteQuery(jobsQuery(filters));
  const jobs = itemsOf(query.data);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader
        title="Jobs"
        description="A job runs a function, a part of a workflow or an agent: at times, every so often, once, or on an event."
        actions={
          <Button
            renderRoot={(props) => <Link to="/jobs/new" {...props} />}
            leftSection={<IconPlus size={15} aria-hidden />}
          >
            New job
          </Button>
        }
      />
      <SchedulerFigures />
      <FilterBar label="Filter jobs" fields={useFields()} />
      <QueryState
        query={query}
        height={360}
        isEmpty={() => jobs.length === 0}
        empty={
          isFiltered
            ? { title: "No job matches these filters" }
            : { title: "There is no job yet", children: "Make one with “New job”, or schedule one in a program." }
        }
      >
        {() => (
          <>
            <BulkActions filters={filters} />
            <JobTable jobs={jobs} />
            <LoadMore query={query} />
          </>
        )}
      </QueryState>
    </>
  );
}

function useFields(): readonly FilterField[] {
  const handlers = useQuery(jobHandlersQuery).data;
  const names = [...(handlers?.functions ?? []), ...(handlers?.workflows ?? []).map(({ name }) => name)];
  return [
    { kind: "search", key: "text", label: "Search by name, id or payload" },
    { kind: "several", key: "status", label: "Status", options: statusOptions("job") },
    { kind: "several", key: "type", label: "Type", options: optionsOf(TYPE_WORDS) },
    {
      kind: "select",
      key: "handler",
      label: "What it runs",
      options: names.map((name) => ({ value: name, label: name })),
    },
    { kind: "search", key: "tag", label: "Tag" },
  ];
}
