/** Which address shows which view. A view's code is fetched when it is first needed. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { RootLayout } from "./layout/root-layout.tsx";
import { NotFound, RouteError, RoutePending } from "./layout/route-states.tsx";
import { parseSearch, type Search, stringifySearch } from "./services/filters.ts";

const rootRoute = createRootRoute({
  component: RootLayout,
  notFoundComponent: NotFound,
  // parseSearch gave words by name; views say which of them they use (services/filters.ts).
  validateSearch: (search): Search => search as Search,
});

const getParentRoute = () => rootRoute;

const routeTree = rootRoute.addChildren([
  createRoute({
    getParentRoute,
    path: "/",
    component: lazyRouteComponent(() => import("./routes/overview.tsx"), "OverviewView"),
  }),
  createRoute({
    getParentRoute,
    path: "/attention",
    component: lazyRouteComponent(() => import("./routes/attention.tsx"), "AttentionView"),
  }),
  createRoute({
    getParentRoute,
    path: "/workflows",
    component: lazyRouteComponent(() => import("./routes/workflows.tsx"), "WorkflowsView"),
  }),
  createRoute({
    getParentRoute,
    path: "/workflows/$workflow",
    component: lazyRouteComponent(() => import("./routes/workflow.tsx"), "WorkflowView"),
  }),
  createRoute({
    getParentRoute,
    path: "/inputs",
    component: lazyRouteComponent(() => import("./routes/inputs.tsx"), "InputsView"),
  }),
  createRoute({
    getParentRoute,
    path: "/inputs/$input",
    component: lazyRouteComponent(() => import("./routes/input.tsx"), "InputView"),
  }),
  createRoute({
    getParentRoute,
    path: "/outputs",
    component: lazyRouteComponent(() => import("./routes/outputs.tsx"), "OutputsView"),
  }),
  createRoute({
    getParentRoute,
    path: "/outputs/$output",
    component: lazyRouteComponent(() => import("./routes/output.tsx"), "OutputView"),
  }),
  createRoute({
    getParentRoute,
    path: "/runs",
    component: lazyRouteComponent(() => import("./routes/runs.tsx"), "RunsView"),
  }),
  createRoute({
    getParentRoute,
    path: "/runs/$run",
    component: lazyRouteComponent(() => import("./routes/run.tsx"), "RunView"),
  }),
  createRoute({
    getParentRoute,
    path: "/runs/$run/replay",
    component: lazyRouteComponent(() => import("./routes/run-replay.tsx"), "RunReplayView"),
  }),
  createRoute({
    getParentRoute,
    path: "/events",
    component: lazyRouteComponent(() => import("./routes/events.tsx"), "EventsView"),
  }),
  createRoute({
    getParentRoute,
    path: "/events/$event",
    component: lazyRouteComponent(() => import("./routes/event.tsx"), "EventView"),
  }),
  createRoute({
    getParentRoute,
    path: "/jobs",
    component: lazyRouteComponent(() => import("./routes/jobs.tsx"), "JobsView"),
  }),
  createRoute({
    getParentRoute,
    path: "/jobs/new",
    component: lazyRouteComponent(() => import("./routes/job-new.tsx"), "JobNewView"),
  }),
  createRoute({
    getParentRoute,
    path: "/jobs/$job",
    component: lazyRouteComponent(() => import("./routes/job.tsx"), "JobView"),
  }),
  createRoute({
    getParentRoute,
    path: "/jobs/$job/edit",
    component: lazyRouteComponent(() => import("./routes/job-edit.tsx"), "JobEditView"),
  }),
  createRoute({
    getParentRoute,
    path: "/executions/$execution",
    component: lazyRouteComponent(() => import("./routes/execution.tsx"), "ExecutionView"),
  }),
  createRoute({
    getParentRoute,
    path: "/dead-letters",
    component: lazyRouteComponent(() => import("./routes/dead-letters.tsx"), "DeadLettersView"),
  }),
  createRoute({
    getParentRoute,
    path: "/audit",
    component: lazyRouteComponent(() => import("./routes/audit.tsx"), "AuditView"),
  }),
  createRoute({
    getParentRoute,
    path: "/health",
    component: lazyRouteComponent(() => import("./routes/health.tsx"), "HealthView"),
  }),
  createRoute({
    getParentRoute,
    path: "/login",
    component: lazyRouteComponent(() => import("./routes/login.tsx"), "LoginView"),
  }),
]);

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: RouteError,
  defaultPendingComponent: RoutePending,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
