/** Following along. */
import { streamChanges } from "../contract/changes.ts";
import { implementStream, type Implementation } from "../implementation.ts";
import { RefusedError } from "../problem.ts";
import type { ChangeStreams } from "./change-streams.ts";

export function changeOperations(streams: ChangeStreams): Implementation[] {
  return [
    implementStream(streamChanges, async ({ identity, headers, request }) => {
      if (identity === null) throw new RefusedError("unauthenticated", "Log in first.");
      // Nobody would read the stream, nor end it.
      if (request.method === "HEAD") return new Response(null, { headers: { "Content-Type": "text/event-stream" } });
      return streams.stream(identity, headers["Last-Event-ID"]);
    }),
  ];
}
