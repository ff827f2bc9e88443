/** Why a workflow stands still, and another try. Nothing where all is well. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "@mantine/core";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Schema } from "../../services/api.ts";
import { useMayOperate } from "../../services/session.ts";
import { useRetryWorkflow } from "../../services/workflows.ts";
import "./workflows.css";

export function WorkflowTrouble({ workflow }: { workflow: Schema<"Workflow"> }) {
  const { error, retryAt, openNotifications, name, lastRun } = workflow;
  if (error === null && openNotifications === 0) return null;
  return (
    <section className="panel workflow-trouble" data-tone={error === null ? "warning" : "danger"}>
      <div className="workflow-trouble-text">
        <h2>{error === null ? "It needs you" : "It does not go on"}</h2>
        {error === null ? null : <p>{error}</p>}
        {retryAt === null ? null : (
          <p className="soft">
            It tries again by itself <TimeText at={retryAt} />.
          </p>
        )}
      </div>
      <div className="row">
        {openNotifications > 0 ? (
          <Link to="/attention" search={{ workflow: name }}>
            {openNotifications === 1
              ? "1 question waits for an answer"
              : `${openNotifications} questions wait for answers`}
          </Link>
        ) : null}
        {lastRun !== null && error !== null ? (
          <Link to="/runs/$run" params={{ run: lastRun.id }}>
            Look at the last run
          </Link>
        ) : null}
        {error === null && retryAt === null ? null : <RetryButton name={name} />}
      </div>
    </section>
  );
}

function RetryButton({ name }: { name: string }) {
  const [opened, setOpened] = useState(false);
  const mayOperate = useMayOperate();
  const retry = useRetryWorkflow(name);
  return (
    <>
      <Button variant="default" disabled={!mayOperate} onClick={() => setOpened(true)}>
        Try again now…
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Try ${name} again`}
        consequences={[
          "A new run begins now with the same events as the run that failed.",
          "What already happened elsewhere is kept: nothing that is known to have happened is done twice.",
        ]}
        evidence={{ label: "Note (optional)", description: "What you changed or found; it is kept with the answer." }}
        confirm="Try again"
        action={(evidence) => retry.mutateAsync(evidence === "" ? undefined : evidence)}
        success={`${name} tries again`}
      />
    </>
  );
}
