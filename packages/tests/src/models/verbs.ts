/** What a model of the engine asks for. */
import type { Engine } from "@millrace/agent";
import type { FakeClock } from "@millrace/agent/testing";

/** The verbs of the engine that nobody outside it may ask for. */
export interface Verbs {
  engine: Engine;
  model: Engine["model"];
  ledger: Engine["ledger"];
  clock: FakeClock;
  /** Lets the process end here and another one begin. */
  restart(): Promise<void>;
}
