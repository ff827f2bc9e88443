/** Two texts compared line by line; what compares them is fetched when it is first needed. */
import { lazy, Suspense } from "react";
import { LoadingState } from "../../components/query-state.tsx";
import type { LineDiffProps } from "./line-diff-view.tsx";

const LineDiffView = lazy(async () => ({ default: (await import("./line-diff-view.tsx")).LineDiffView }));

export function LineDiff(props: LineDiffProps) {
  return (
    <Suspense fallback={<LoadingState height={200} lines={0} />}>
      <LineDiffView {...props} />
    </Suspense>
  );
}
