/** What a job runs, chosen from what is there. */
import { Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { jobHandlersQuery } from "../../../services/jobs.ts";
import { useJobForm } from "./form-fields.tsx";
import { agentOf, handlerGroups } from "./handler-options.ts";

const agentValue = "agent";

export function HandlerField() {
  const { draft, change, errors } = useJobForm();
  const query = useQuery(jobHandlersQuery);
  const agent = agentOf(draft.handler);
  const handlers = query.data ?? { functions: [], workflows: [], agents: false };
  const groups = handlerGroups(handlers, agent === null ? draft.handler : "");
  const withAgents =
    handlers.agents || agent !== null
      ? [...groups, { group: "Agents", items: [{ value: agentValue, label: "An agent, by its name" }] }]
      : groups;
  const choose = (value: string | null) =>
    change({ handler: value === agentValue ? JSON.stringify({ agent: agent ?? "" }) : (value ?? "") });
  return (
    <div className="job-form-row">
      <Select
        label="What does it run?"
        description="A function that a program registered, or a part of a workflow."
        placeholder={query.isPending ? "Loading…" : "Choose what it runs"}
        data={withAgents}
        value={agent === null ? (draft.handler === "" ? null : draft.handler) : agentValue}
        onChange={choose}
        error={query.isError ? "What can run here could not be read." : agent === null ? errors["handler"] : undefined}
        nothingFoundMessage="Nothing of that name runs here"
        searchable
        withAsterisk
      />
      {agent === null ? null : (
        <TextInput
          label="Name of the agent"
          description="As the program's agent runner knows it."
          value={agent}
          error={errors["handler"] ?? errors["handler.agent"]}
          onChange={({ currentTarget }) => change({ handler: JSON.stringify({ agent: currentTarget.value }) })}
          withAsterisk
        />
      )}
    </div>
  );
}
