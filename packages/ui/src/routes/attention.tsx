/** `/attention`: what needs a person, and the answers that they may give. */
import { Button, SegmentedControl } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { FilterBar } from "../components/filter-bar.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { statusOptions } from "../components/status-words.ts";
import { ATTENTION_FILTERS, attentionQuery } from "../services/attention.ts";
import { attentionCountQuery } from "../services/attention-count.ts";
import { useFilters } from "../services/filters.ts";
import { itemsOf } from "../services/pages.ts";
import { AttentionEntry } from "../views/attention/attention-entry.tsx";
import { OutagePanel } from "../views/attention/outage-panel.tsx";
import { isFiltered, useSeenOptions, useWorkflowOptions } from "../views/filter-options.ts";
import { ListBody } from "../views/list-body.tsx";
import { useList } from "../views/use-list.ts";

const states = [
  { value: "open", label: "Open" },
  { value: "resolved", label: "Settled" },
];

export function AttentionView() {
  const [filters, setFilters] = useFilters(ATTENTION_FILTERS);
  const [outageOpened, outage] = useDisclosure(false);
  const { state = "open", ...others } = filters;
  const count = useQuery(attentionCountQuery);
  const list = useList(attentionQuery(filters));
  const workflows = useWorkflowOptions();
  const outages = count.data?.outages ?? [];
  const connectors = useSeenOptions([
    ...outages.map(({ connector }) => connector),
    ...itemsOf(list.data).flatMap(({ mutation }) => (mutation === null ? [] : [mutation.connector])),
  ]);
  return (
    <>
      <PageHeader
        title="Needs attention"
        description="What Millrace can't decide by itself: it never guesses whether something happened, it asks you."
        actions={
          <Button
            variant="default"
            onClick={outage.toggle}
            disabled={outages.length === 0 && !outageOpened}
            aria-expanded={outageOpened}
          >
            Answer an outage…
          </Button>
        }
      />
      {outageOpened ? <OutagePanel outages={outages} onClose={outage.close} /> : null}
      <div className="attention-tools">
        <SegmentedControl
          aria-label="Open or settled"
          data={states}
          value={state}
          onChange={(value) => setFilters({ state: value === "open" ? undefined : value }, true)}
        />
        <FilterBar
          label="Filter what needs attention"
          fields={[
            { kind: "search", key: "text", label: "Search messages" },
            { kind: "several", key: "kind", label: "Kind", options: statusOptions("notification") },
            { kind: "select", key: "workflow", label: "Workflow", options: workflows },
            { kind: "select", key: "connector", label: "Connector", options: connectors },
            { kind: "span" },
          ]}
        />
      </div>
      <ListBody
        list={list}
        isFiltered={isFiltered(others)}
        empty={
          state === "open"
            ? { title: "Nothing needs you", children: "Everything runs by itself. What needs a person appears here." }
            : { title: "Nothing was settled yet" }
        }
      >
        {(entries) => (
          <div className="attention-list">
            {entries.map((notification) => (
              <AttentionEntry key={notification.id} notification={notification} />
            ))}
          </div>
        )}
      </ListBody>
    </>
  );
}
