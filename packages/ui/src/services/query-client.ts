/** How long answers are kept and when a failed request is tried again. */
import { MutationCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./api-problem.ts";
import { RESOURCES } from "./query-keys.ts";

const maxAttempts = 3;

/** The host's refusals stay refusals; what failed on the way or inside the host may pass. */
function mayPass(error: Error): boolean {
  return !(error instanceof ApiProblem) || error.status >= 500;
}

const resources = new Set<unknown>(RESOURCES);

/** What a person did shows at once, also while the host's changes don't arrive. */
const mutationCache: MutationCache = new MutationCache({
  onSuccess: () => {
    void queryClient.invalidateQueries({ predicate: ({ queryKey }) => resources.has(queryKey[0]) });
  },
});

export const queryClient: QueryClient = new QueryClient({
  mutationCache,
  defaultOptions: {
    queries: {
      // Changes arrive by themselves; this only keeps a step back and forth from asking again.
      staleTime: 10_000,
      retry: (failures, error) => failures < maxAttempts - 1 && mayPass(error),
    },
  },
});
