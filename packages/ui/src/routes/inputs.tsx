/** `/inputs`: what came in. */
import { FilterBar } from "../components/filter-bar.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { statusOptions } from "../components/status-words.ts";
import { useFilters } from "../services/filters.ts";
import { INPUT_FILTERS, inputsQuery } from "../services/inputs.ts";
import { itemsOf } from "../services/pages.ts";
import { isFiltered, useSeenOptions, useWorkflowOptions } from "../views/filter-options.ts";
import { ListedInputTable } from "../views/inputs/input-table.tsx";
import { ListBody } from "../views/list-body.tsx";
import { useList } from "../views/use-list.ts";

export function InputsView() {
  const [filters] = useFilters(INPUT_FILTERS);
  const inputs = useList(inputsQuery(filters));
  const items = itemsOf(inputs.data);
  const workflows = useWorkflowOptions();
  const sources = useSeenOptions(items.map(({ source }) => source));
  const types = useSeenOptions(items.map(({ type }) => type));
  return (
    <>
      <PageHeader
        title="Inputs"
        description="What came in: each mail, file, row or message that a workflow noticed. Open one to see what became of it."
      />
      <FilterBar
        label="Filter inputs"
        fields={[
          { kind: "search", key: "text", label: "Search inputs" },
          { kind: "select", key: "workflow", label: "Workflow", options: workflows },
          { kind: "select", key: "source", label: "Source", options: sources },
          { kind: "select", key: "type", label: "Type", options: types },
          { kind: "select", key: "status", label: "Status", options: statusOptions("input") },
          { kind: "span" },
        ]}
      />
      <ListBody
        list={inputs}
        isFiltered={isFiltered(filters)}
        empty={{
          title: "Nothing has come in yet",
          children: "An input appears here as soon as a producer registers one.",
        }}
      >
        {(rows) => <ListedInputTable caption="Inputs, newest first" inputs={rows} />}
      </ListBody>
    </>
  );
}
