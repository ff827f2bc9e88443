/** What became of an answer to an outage: how many were settled, and which were refused, and why. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { formatNoun } from "../../format/numbers.ts";
import type { BulkResolution } from "../../services/outputs.ts";
import { StateBanner } from "../state-banner.tsx";

export function OutageResult({ result: { matched, resolved, refused, examples } }: { result: BulkResolution }) {
  const titles = new Map(examples.map(({ id, title }) => [id, title]));
  const banner = useRef<HTMLDivElement>(null);
  // What stood above it is gone, and the page has moved.
  useEffect(() => banner.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <div ref={banner} className="outage-result">
      <StateBanner
        tone={refused.length === 0 ? "success" : "warning"}
        title={`${resolved} of ${formatNoun(matched, "output")} answered`}
      >
        {refused.length === 0 ? null : (
          <>
            {formatNoun(refused.length, "output was", "outputs were")} refused:
            <ul className="outage-list">
              {refused.map(({ id, reason }) => (
                <li key={id}>
                  <Link to="/outputs/$output" params={{ output: id }}>
                    {titles.get(id) ?? id}
                  </Link>
                  : {reason}
                </li>
              ))}
            </ul>
          </>
        )}
      </StateBanner>
    </div>
  );
}
