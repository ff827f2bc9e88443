/** Following along. */
import { streamChanges } from "../contract/changes.ts";
import { implementStream, type Implementation } from "../implementation.ts";
import { RefusedError } from "../problem.ts";
import type { ChangeStreams } from "./change-streams.ts";

export function changeOperations(streams: ChangeStreams): Implementation[] {
  return [
    implementStream(streamChanges, async ({ identity, headers }) => {
      if (identity === null) throw new RefusedError("unauthenticated", "Log in first.");
      return streams.stream(identity, headers["Last-Event-ID"]);
    }),
  ];
}
