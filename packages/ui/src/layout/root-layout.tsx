/** What every page stands in: who is signed in decides whether that is the shell or the login. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { ErrorState } from "../components/error-state.tsx";
import { ToastRegion } from "../components/toast-region.tsx";
import { listenToChanges } from "../services/live.ts";
import { sessionQuery } from "../services/session.ts";
import { Shell } from "./shell.tsx";

export function RootLayout() {
  return (
    <>
      <SessionGate />
      <ToastRegion />
    </>
  );
}

function SessionGate() {
  const session = useQuery(sessionQuery);
  const pathname = useLocation({ select: (location) => location.pathname });
  const href = useLocation({ select: (location) => location.href });

  if (session.isPending) return <div className="splash" role="status" aria-label="Loading" />;
  if (session.isError) {
    return (
      <main className="bare-page">
        <ErrorState error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  if (pathname === "/login") {
    return (
      <main className="bare-page">
        <Outlet />
      </main>
    );
  }
  if (session.data === null) return <Navigate to="/login" search={href === "/" ? {} : { to: href }} replace />;
  return <SignedIn name={session.data.name} />;
}

function SignedIn({ name }: { name: string }) {
  const client = useQueryClient();
  useEffect(() => listenToChanges(client), [client]);
  return (
    <Shell name={name}>
      <Outlet />
    </Shell>
  );
}
