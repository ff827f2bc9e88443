/** An output that waits for a person's approval, with its very parameters. */
import type { Output } from "../../services/outputs.ts";
import { ApprovalButtons } from "../outputs/approval-buttons.tsx";
import { AttemptedCall } from "../outputs/attempted-call.tsx";

export function ApprovalBody({ output, message }: { output: Output; message: string }) {
  const isOpen = output.status === "pending" && output.approvedAt === null;
  return (
    <div className="stack">
      <p className="attention-message">{message}</p>
      <AttemptedCall output={output} openLevels={3} />
      {isOpen ? <ApprovalButtons output={output} /> : <span className="soft">It has been answered.</span>}
    </div>
  );
}
