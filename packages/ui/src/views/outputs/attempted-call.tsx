/** What an output attempts: through what, and with which very parameters. */
import "./outputs.css";
import { JsonViewer } from "../../components/json-viewer.tsx";
import type { Output } from "../../services/outputs.ts";

export interface AttemptedCallProps {
  output: Pick<Output, "connector" | "operation" | "params">;
  openLevels?: number;
}

export function AttemptedCall({ output: { connector, operation, params }, openLevels = 2 }: AttemptedCallProps) {
  return (
    <div>
      <p className="attempted-call">
        Calls{" "}
        <span className="mono">
          {connector}.{operation}
        </span>{" "}
        with
      </p>
      <JsonViewer label="Parameters" value={params} openLevels={openLevels} />
    </div>
  );
}
