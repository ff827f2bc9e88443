/** What was decided about the due times of a producer. */
import "./workflows.css";
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { QueryState } from "../../components/query-state.tsx";
import type { Schema } from "../../services/api.ts";
import { useFilters } from "../../services/filters.ts";
import { producerDecisionsQuery } from "../../services/workflows.ts";
import { DecisionTable } from "../schedules/decision-table.tsx";

interface ProducerDecisionsProps {
  workflow: string;
  producers: Schema<"Workflow">["producers"];
}

export function ProducerDecisions({ workflow, producers }: ProducerDecisionsProps) {
  const [{ producer }, setFilters] = useFilters(["producer"]);
  const scheduled = producers.filter(({ schedule }) => schedule !== null).map(({ name }) => name);
  const chosen = producer !== undefined && scheduled.includes(producer) ? producer : scheduled[0];
  if (chosen === undefined) return null;
  return (
    <section className="panel" aria-labelledby="decisions">
      <header className="panel-head">
        <h2 id="decisions">Schedule log</h2>
        {scheduled.length < 2 ? null : (
          <Select
            size="xs"
            aria-label="Producer"
            data={scheduled}
            value={chosen}
            allowDeselect={false}
            onChange={(value) => setFilters({ producer: value ?? undefined })}
          />
        )}
      </header>
      <Decisions workflow={workflow} producer={chosen} />
    </section>
  );
}

function Decisions({ workflow, producer }: { workflow: string; producer: string }) {
  const query = useQuery(producerDecisionsQuery(workflow, producer));
  return (
    <QueryState
      query={query}
      height={240}
      isEmpty={({ items }) => items.length === 0}
      empty={{ title: "Nothing was due yet", children: "Each due time shows here: that it ran, or why it did not." }}
    >
      {({ items }) => <DecisionTable caption={`Decisions about ${producer}`} decisions={items} />}
    </QueryState>
  );
}
