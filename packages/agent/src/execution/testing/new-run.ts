/** For tests of transitions: a consumer's run as it begins. */
import type { RunId } from "@millrace/db";
import type { TransitionRun } from "../transitions.ts";

export const newRun: TransitionRun = {
  id: "run" as RunId,
  handlerType: "consumer",
  phase: "preparing",
  status: "active",
  mutationId: null,
  mutationOutcome: null,
  transientFailures: 0,
  error: null,
  errorType: null,
  endedAt: null,
};
