/** What stands in the place of a view that is not there: still being fetched, broken, or never was. */
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { ErrorState } from "../components/error-state.tsx";
import { PageHeader } from "../components/page-header.tsx";

export function RoutePending() {
  return <div className="route-pending" role="status" aria-label="Loading" />;
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <>
      <PageHeader title="This page failed" />
      <ErrorState error={error} onRetry={reset} />
    </>
  );
}

export function NotFound() {
  return (
    <>
      <PageHeader title="There is no such page" description="The address may be mistyped, or the page has moved." />
      <Link to="/">Go to the overview</Link>
    </>
  );
}
