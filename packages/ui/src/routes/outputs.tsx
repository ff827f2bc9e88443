/** `/outputs`: what was done outside. */
import { FilterBar } from "../components/filter-bar.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { statusOptions } from "../components/status-words.ts";
import { useFilters } from "../services/filters.ts";
import { OUTPUT_FILTERS, outputsQuery } from "../services/outputs.ts";
import { itemsOf } from "../services/pages.ts";
import { isFiltered, useSeenOptions, useWorkflowOptions } from "../views/filter-options.ts";
import { ListBody } from "../views/list-body.tsx";
import { OutputTable } from "../views/outputs/output-table.tsx";
import { useList } from "../views/use-list.ts";

export function OutputsView() {
  const [filters] = useFilters(OUTPUT_FILTERS);
  const outputs = useList(outputsQuery(filters));
  const items = itemsOf(outputs.data);
  const workflows = useWorkflowOptions();
  const connectors = useSeenOptions(items.map(({ connector }) => connector));
  const operations = useSeenOptions(items.map(({ operation }) => operation));
  return (
    <>
      <PageHeader
        title="Outputs"
        description="Each call that changes something outside, and what is known of it: whether it happened, did not happen, or nobody knows."
      />
      <FilterBar
        label="Filter outputs"
        fields={[
          { kind: "search", key: "text", label: "Search outputs" },
          { kind: "several", key: "status", label: "Status", options: statusOptions("output") },
          { kind: "select", key: "workflow", label: "Workflow", options: workflows },
          { kind: "select", key: "connector", label: "Connector", options: connectors },
          { kind: "select", key: "operation", label: "Operation", options: operations },
          { kind: "span" },
        ]}
      />
      <ListBody
        list={outputs}
        isFiltered={isFiltered(filters)}
        empty={{
          title: "Nothing has been done outside yet",
          children: "An output appears here as soon as a consumer is about to call a connector.",
        }}
      >
        {(rows) => <OutputTable caption="Outputs, newest first" outputs={rows} />}
      </ListBody>
    </>
  );
}
