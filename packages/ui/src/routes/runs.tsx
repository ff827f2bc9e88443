/** `/runs`: each time that a handler ran. */
import { FilterBar } from "../components/filter-bar.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { statusOptions } from "../components/status-words.ts";
import { useFilters } from "../services/filters.ts";
import { itemsOf } from "../services/pages.ts";
import { RUN_FILTERS, runsQuery } from "../services/runs.ts";
import { isFiltered, useSeenOptions, useWorkflowOptions } from "../views/filter-options.ts";
import { ListBody } from "../views/list-body.tsx";
import { RunTable } from "../views/runs/run-table.tsx";
import { useList } from "../views/use-list.ts";

const handlerTypes = [
  { value: "producer", label: "Producers" },
  { value: "consumer", label: "Consumers" },
];

export function RunsView() {
  const [filters] = useFilters(RUN_FILTERS);
  const runs = useList(runsQuery(filters));
  const workflows = useWorkflowOptions();
  const handlers = useSeenOptions(itemsOf(runs.data).map(({ handlerName }) => handlerName));
  return (
    <>
      <PageHeader
        title="Runs"
        description="Each time that a handler of a workflow ran: producers look for what is new, consumers act on it."
      />
      <FilterBar
        label="Filter runs"
        fields={[
          { kind: "search", key: "text", label: "Search runs" },
          { kind: "several", key: "status", label: "Status", options: statusOptions("run") },
          { kind: "select", key: "workflow", label: "Workflow", options: workflows },
          { kind: "select", key: "handler", label: "Handler", options: handlers },
          { kind: "select", key: "handlerType", label: "Kind", options: handlerTypes },
          { kind: "span" },
        ]}
      />
      <ListBody
        list={runs}
        isFiltered={isFiltered(filters)}
        empty={{ title: "Nothing has run yet", children: "A run appears here when a workflow's handler begins." }}
      >
        {(rows) => <RunTable caption="Runs, newest first" runs={rows} />}
      </ListBody>
    </>
  );
}
