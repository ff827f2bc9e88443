import { expect, test } from "vitest";
import { findLines, readFiles } from "./repository-files.ts";

const MOST_LINES = 400;
/** Nobody writes or reads these from the beginning to the end: the API's types follow from its schemas. */
const GENERATED_FILES = new Set(["packages/ui/src/services/api.generated.ts"]);

/** `*` stands for any receiver. Calls that change what a run, an event, a mutation, a workflow or a job is. */
const STATE_WRITING_CALLS = [
  "*.transition",
  "*.reserve",
  "*.release",
  "*.consume",
  "*.transfer",
  "*.reopen",
  "events.hold",
  "replays.create",
  "replays.start",
  "replays.withdraw",
  "*.skipPendingOfInput",
  "*.changeClaimed",
  "*.holdJob",
  "*.setAside",
  "eventHandlers.save",
  "events.publish",
  "handlerRuns.create",
  "jobExecutions.change",
  "jobExecutions.claim",
  "jobExecutions.claimEach",
  "jobExecutions.create",
  "jobExecutions.markRedriven",
  "jobExecutions.park",
  "jobExecutions.releaseDue",
  "jobExecutions.unpark",
  "jobs.advance",
  "jobs.change",
  "jobs.create",
  "jobs.recordOutcome",
  "inputs.skip",
  "mutations.annotate",
  "mutations.create",
  "notifications.create",
  "notifications.resolveMatching",
  "workflows.update",
];

const sources = readFiles(["{packages,examples,benchmarks,scripts}/**/*.{ts,tsx,js,mjs}"]);
const writtenFiles = [
  ...sources,
  ...readFiles([
    "{packages,examples,benchmarks,specs,.ci,.github,.changeset}/**/*.{json,md,yml,html,css}",
    ".ci/run",
    "*.{md,json,ts,yaml}",
  ]),
].filter(({ path }) => !path.endsWith("architecture/house.test.ts"));

test("the scan sees the repository", () => {
  const paths = writtenFiles.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(["packages/db/src/index.ts", "scripts/bootstrap.mjs", ".ci/run", "package.json"]),
  );
});

test("no file is longer than 400 lines", () => {
  const long = sources.filter(({ path, lines }) => lines.length > MOST_LINES && !GENERATED_FILES.has(path));
  expect(long.map(({ path, lines }) => `${path} has ${lines.length} lines`)).toEqual([]);
});

test("no file names a folder of one machine", () => {
  expect(findLines(writtenFiles, /(?<![\w.)}\]*~-])\/(work|root|home|Users)\/\w/)).toEqual([]);
});

test("no file holds unfinished business", () => {
  expect(findLines(writtenFiles, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

test("only the execution model changes the state of runs, events, mutations, workflows and jobs", () => {
  const others = readFiles(["packages/agent/src/**/*.ts"]).filter(
    ({ path }) => !/^packages\/agent\/src\/(execution|testing)\//.test(path) && !path.endsWith(".test.ts"),
  );
  expect(others.length).toBeGreaterThan(0);
  expect(findLines(others, stateWritingCall())).toEqual([]);
});

function stateWritingCall(): RegExp {
  const calls = STATE_WRITING_CALLS.map((call) => {
    const [receiver, method] = call.split(".");
    return `${receiver === "*" ? "" : `\\b${receiver}`}\\.${method}\\(`;
  });
  return new RegExp(calls.join("|"));
}
