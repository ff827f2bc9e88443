/** Every column that holds JSON, and what a program that is not Millrace may write there. */
import * as fc from "fast-check";
import { mutatedText } from "./hostile-values.ts";

export interface JsonColumn {
  table: string;
  column: string;
  /** How a row of it is named in errors, in SQL. */
  id: string;
}

const column = (table: string, name: string, id = "id"): JsonColumn => ({ table, column: name, id });

export const JSON_COLUMNS: readonly JsonColumn[] = [
  column("workflows", "handler_config"),
  column("events", "payload"),
  column("handler_runs", "prepare_result"),
  column("handler_runs", "input_state"),
  column("handler_runs", "output_state"),
  column("run_logs", "data", "run_id"),
  column("mutations", "params"),
  column("mutations", "result"),
  column("mutations", "late_outcome"),
  column("handler_state", "state"),
  column("replays", "crossed"),
  column("scheduled_jobs", "handler_target"),
  column("scheduled_jobs", "payload"),
  column("scheduled_jobs", "tags"),
  column("scheduled_jobs", "metadata"),
  column("job_versions", "definition", "job_id || '/' || version"),
  column("job_executions", "payload"),
  column("job_executions", "result"),
  column("job_execution_logs", "data", "execution_id || '/' || seq"),
  column("audit_entries", "details"),
];

/** Texts that are no JSON. */
const MALFORMED = [
  "",
  " ",
  "{",
  "[1,",
  '{"a":1}x',
  "NaN",
  "undefined",
  "'a'",
  '"\u0000"',
  "\ufeff1",
  "[".repeat(2_000),
];

/** JSON that no column ever gets from Millrace. */
const UNEXPECTED = [
  "null",
  "0",
  '"text"',
  "[]",
  "{}",
  "[[]]",
  '{"__proto__":{"a":1},"constructor":1}',
  '{"data":{"toString":null},"reservations":"all"}',
  `${"[".repeat(600)}${"]".repeat(600)}`,
  `{"a":${"9".repeat(400)}}`,
];

export const brokenJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...MALFORMED, ...UNEXPECTED),
  fc.json({ maxDepth: 4 }),
  fc.json({ maxDepth: 3 }).chain((text) => mutatedText(text, ["{", "}", "[", "]", '"', ":", ",", "\\u0000"])),
);
