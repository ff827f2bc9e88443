/** The log of a run; a long one in parts. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { LogLines } from "../../components/log-lines.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { fetchRunLogs, type LogLine } from "../../services/runs.ts";

/** As many lines as the host gives at once. */
const partLength = 1_000;

export function RunLog({ run, lines }: { run: string; lines: readonly LogLine[] }) {
  const [later, setLater] = useState<readonly LogLine[]>([]);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [ended, setEnded] = useState(false);
  const shown = [...lines, ...later];

  const showLater = async () => {
    setPending(true);
    setError(null);
    try {
      const { items } = await fetchRunLogs(run, shown.at(-1)?.seq ?? 0);
      setLater([...later, ...items]);
      setEnded(items.length < partLength);
    } catch (reason) {
      setError(reason);
    } finally {
      setPending(false);
    }
  };

  return (
    <>
      <LogLines label="Log of the run" lines={shown} />
      {lines.length < partLength || ended ? null : (
        <div className="row" style={{ marginTop: 10 }}>
          <Button variant="default" size="xs" loading={pending} onClick={() => void showLater()}>
            Show later lines
          </Button>
          {error === null ? null : <ProblemNote error={error} />}
        </div>
      )}
    </>
  );
}
