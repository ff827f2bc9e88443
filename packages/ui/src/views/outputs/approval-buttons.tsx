/** Approves or rejects the very parameters of an output that waits for it. */
import "./outputs.css";
import { Button } from "@mantine/core";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { approveOutput, type Output } from "../../services/outputs.ts";
import { useMayOperate } from "../../services/session.ts";
import { AttemptedCall } from "./attempted-call.tsx";

const verdicts = {
  approve: {
    question: "Approve",
    consequence: "It is sent with exactly these parameters, as soon as the workflow runs.",
    confirm: "Approve and send",
    done: "Approved",
  },
  reject: {
    question: "Reject",
    consequence: "It is never sent. Its run goes on with next, which is told that it was skipped.",
    confirm: "Reject it",
    done: "Rejected",
  },
} as const;

export function ApprovalButtons({ output }: { output: Output }) {
  const [verdict, setVerdict] = useState<keyof typeof verdicts>("approve");
  const [opened, setOpened] = useState(false);
  const mayOperate = useMayOperate();
  const choose = (chosen: keyof typeof verdicts) => {
    setVerdict(chosen);
    setOpened(true);
  };
  const blocked = mayOperate ? {} : { disabled: true, title: "Your access only allows looking" };
  const { question, consequence, confirm, done } = verdicts[verdict];
  return (
    <div className="answers">
      <h3>May it be sent?</h3>
      <div className="row" role="group" aria-label={`Approval of ${output.title}`}>
        <Button onClick={() => choose("approve")} {...blocked}>
          Approve…
        </Button>
        <Button variant="default" onClick={() => choose("reject")} {...blocked}>
          Reject…
        </Button>
      </div>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`${question}: “${output.title}”?`}
        consequences={[consequence]}
        confirm={confirm}
        danger={verdict === "reject"}
        evidence={{ label: "Why", description: "It is kept with your name and the time." }}
        action={(evidence) => approveOutput(output.id, verdict === "approve", evidence)}
        success={done}
      >
        <AttemptedCall output={output} openLevels={3} />
      </ConfirmDialog>
    </div>
  );
}
