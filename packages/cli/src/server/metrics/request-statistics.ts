/** What requests took, by operation: of the last ones for people, of all of them for Prometheus. */
import { Histogram, type Registry } from "prom-client";

/** How many of the last requests of an operation are remembered. */
const MOST_REMEMBERED = 512;

export interface OperationLatency {
  operation: string;
  /** Of all requests. */
  count: number;
  /** Of the last requests, in milliseconds. */
  p50: number;
  p95: number;
  max: number;
}

interface Remembered {
  count: number;
  last: number[];
}

export class RequestStatistics {
  private readonly histogram: Histogram<"operation" | "status">;
  private readonly byOperation = new Map<string, Remembered>();

  constructor(registry: Registry) {
    this.histogram = new Histogram({
      name: "millrace_http_request_duration_seconds",
      help: "How long requests took, by operation and class of status",
      labelNames: ["operation", "status"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
  }

  /** @param operation one of the contract's, so that there are only so many of them */
  record(operation: string, status: number, durationMs: number): void {
    this.histogram.observe({ operation, status: `${Math.floor(status / 100)}xx` }, durationMs / 1_000);
    const known = this.byOperation.get(operation) ?? { count: 0, last: [] };
    known.last[known.count % MOST_REMEMBERED] = durationMs;
    known.count += 1;
    this.byOperation.set(operation, known);
  }

  /** By operation; only those that were asked for. */
  latencies(): OperationLatency[] {
    return [...this.byOperation]
      .map(([operation, { count, last }]) => {
        const sorted = last.toSorted((a, b) => a - b);
        return { operation, count, p50: rank(sorted, 0.5), p95: rank(sorted, 0.95), max: sorted.at(-1) ?? 0 };
      })
      .toSorted((a, b) => a.operation.localeCompare(b.operation));
  }
}

/** The smallest value that at least this share of the sorted values does not exceed. */
const rank = (sorted: readonly number[], share: number) =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
