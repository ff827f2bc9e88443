/** In the place of what could not be had: why, and another try. */
import { Button } from "@mantine/core";
import { ProblemNote } from "./problem-note.tsx";

export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className="error-state">
      <ProblemNote error={error} />
      <Button variant="default" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
