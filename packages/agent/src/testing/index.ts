/** @millrace/agent/testing: a fake clock, an engine in memory, fake connectors and the crash-point kit. */
export { FakeClock } from "./fake-clock.ts";
export {
  attachTestEngine,
  createTestEngine,
  openTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
  type TestEngine,
  type TestEngineOptions,
} from "./test-engine.ts";
export {
  fakeConnector,
  fakeMutation,
  type Effect,
  type FakeMutation,
  type FakeMutationOptions,
  type ScriptedAnswer,
  type ScriptedOutcome,
} from "./fake-connector.ts";
export {
  crashAtEveryPoint,
  CrashPointError,
  type CrashOptions,
  type CrashReport,
  type CrashWorld,
} from "./crash-points.ts";
export { TRANSACTION_NAMES, type TransactionName } from "../execution/transaction-names.ts";
