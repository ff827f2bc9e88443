/** The last step of a replay: it is done once every effect that it would repeat was allowed. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { type ReplayPlan, replayRun } from "../../services/runs.ts";
import { useMayOperate } from "../../services/session.ts";

export interface ReplayConfirmationProps {
  plan: ReplayPlan;
  /** The ids of the outputs that may be repeated. */
  crossed: ReadonlySet<string>;
}

export function ReplayConfirmation({ plan, crossed }: ReplayConfirmationProps) {
  const [opened, dialog] = useDisclosure(false);
  const mayOperate = useMayOperate();
  const navigate = useNavigate();
  const repeated = plan.effects.filter(({ mustCross }) => mustCross);
  const missing = repeated.filter(({ outputId }) => !crossed.has(outputId)).length;
  const blocker = blockerOf(plan, missing, mayOperate);
  const replay = async (evidence: string) => {
    // Only what was ticked: the plan may have changed while the question was open, and the host then refuses.
    const cross = repeated.map(({ outputId }) => outputId).filter((id) => crossed.has(id));
    const { runId } = await replayRun(plan.run.id, { from: plan.from, cross, evidence });
    if (runId === null) await navigate({ to: "/runs", search: { workflow: plan.run.workflow.name } });
    else await navigate({ to: "/runs/$run", params: { run: runId } });
  };
  return (
    <div className="row">
      <Button onClick={dialog.open} disabled={blocker !== null} color={repeated.length === 0 ? "stream" : "red.8"}>
        Replay…
      </Button>
      <span className="soft" role="status">
        {blocker ?? ""}
      </span>
      <ConfirmDialog
        opened={opened}
        onClose={dialog.close}
        title={`Replay this run of ${plan.run.handlerName}?`}
        consequences={[plan.description, ...repeated.map(({ title }) => `“${title}” may happen a second time.`)]}
        confirm="Replay the run"
        danger={repeated.length > 0}
        evidence={{
          label: "Why",
          description: "It is kept with your name, for whoever asks later.",
          required: repeated.length > 0,
        }}
        action={replay}
        success="The replay was started"
      />
    </div>
  );
}

/** Why it can't be done yet; null where it can. */
function blockerOf({ refusals }: ReplayPlan, missing: number, mayOperate: boolean): string | null {
  if (!mayOperate) return "Your access only allows looking.";
  if (refusals.length > 0) return "It can't be replayed now: see above.";
  return missing === 0
    ? null
    : `Allow each effect that would be repeated first: ${formatNoun(missing, "effect")} to go.`;
}
