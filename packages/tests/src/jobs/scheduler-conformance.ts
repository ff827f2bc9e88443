/**
 * What every implementation of the port `Scheduler` does. An implementation opens a bench of its own for each behaviour;
 * see scheduler-conformance.test.ts for ours.
 */
import { describe, test } from "vitest";
import { badInput } from "./conformance/bad-input.ts";
import { endings } from "./conformance/endings.ts";
import { events } from "./conformance/events.ts";
import { executions } from "./conformance/executions.ts";
import { lists } from "./conformance/lists.ts";
import { outlook } from "./conformance/outlook.ts";
import { openWorld, type OpenBench } from "./conformance/scheduler-bench.ts";
import { scheduling } from "./conformance/scheduling.ts";
import { strangers } from "./conformance/strangers.ts";

export type { OpenBench } from "./conformance/scheduler-bench.ts";

const THEMES = {
  scheduling,
  "bad input": badInput,
  "ids of strangers": strangers,
  events,
  "jobs going on and ending": endings,
  executions,
  lists,
  outlook,
};

/** Declares the behaviours of the port as tests of one implementation. */
export function describeScheduler(name: string, open: OpenBench): void {
  describe.each([name])("%s", () => {
    describe.each(Object.entries(THEMES))("%s", (_theme, behaviours) => {
      test.each(Object.entries(behaviours))("%s", async (_title, behaviour) => {
        const world = await openWorld(open);
        try {
          await behaviour(world);
        } finally {
          world.door.open();
          await world.close();
        }
      });
    });
  });
}
