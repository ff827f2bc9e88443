/** Workflows that each get stuck in a way of their own, so that a notification of each kind can be looked at. */
import {
  AuthError,
  defineConnector,
  defineWorkflow,
  mutation,
  NetworkError,
  read,
  type WorkflowDefinition,
} from "@millrace/agent";
import { z } from "zod";
import { createDoor } from "../../support/door.ts";

const nothing = z.object({});

/** The rest of an old version of the program: its code is gone, its work is not. */
export const orphaned: WorkflowDefinition = oneProducer("orphaned", async () => undefined);

/** The code of the workflow is wrong. */
export const broken: WorkflowDefinition = oneProducer("broken", async () => {
  throw new TypeError("Cannot read properties of undefined (reading 'invoiceNumber')");
});

/** A connector is refused access. */
export const lockedOut: WorkflowDefinition = readingProducer("locked-out", async () => {
  throw new AuthError("the token for the shared drive has expired");
});

/** A connector is broken. */
export const faulty: WorkflowDefinition = readingProducer("faulty", async () => {
  throw new RangeError("Invalid array length");
});

/** The network stays down. */
export const unreachable: WorkflowDefinition = readingProducer("unreachable", async () => {
  throw new NetworkError("connect ECONNREFUSED 192.0.2.7:443", { effect: "none" });
});

export interface LateWorld {
  workflow: WorkflowDefinition;
  /** Resolves when the call was made. */
  called: Promise<void>;
  /** Lets it come back after all. */
  answer: () => void;
}

/** A call comes back after its time is up. */
export function createLate(): LateWorld {
  let answer = () => {};
  let calls = 0;
  const door = createDoor();
  const carrier = defineConnector({
    name: "carrier",
    operations: {
      ship: mutation({
        params: nothing,
        describe: () => "Ship the parcel",
        execute: () => {
          calls += 1;
          if (calls > 1) return Promise.resolve({ parcel: "P-2" });
          void door.pass();
          return new Promise<{ parcel: string }>((resolve) => {
            answer = () => resolve({ parcel: "P-1" });
          });
        },
      }),
    },
  });
  const workflow = defineWorkflow({
    name: "parcels",
    topics: { packed: nothing },
    connectors: { carrier },
    consumers: (consumer) => ({
      ship: consumer({
        subscribe: ["packed"],
        async prepare(ctx) {
          const events = await ctx.peek("packed", { limit: 1 });
          return { reservations: [{ topic: "packed", ids: events.map(({ id }) => id) }], data: events.length };
        },
        async mutate(ctx, { data }) {
          if (data > 0) await ctx.carrier.ship({});
        },
      }),
    }),
  });
  return { workflow, called: door.reached, answer: () => answer() };
}

function oneProducer(name: string, handler: () => Promise<undefined>): WorkflowDefinition {
  return defineWorkflow({
    name,
    topics: {},
    producers: (producer) => ({ poll: producer({ publishes: [], schedule: { interval: "1h" }, handler }) }),
  });
}

function readingProducer(name: string, execute: () => Promise<never>): WorkflowDefinition {
  const drive = defineConnector({ name: "drive", operations: { list: read({ params: nothing, execute }) } });
  return defineWorkflow({
    name,
    topics: {},
    connectors: { drive },
    producers: (producer) => ({
      poll: producer({
        publishes: [],
        schedule: { interval: "1h" },
        async handler(ctx) {
          await ctx.drive.list({});
        },
      }),
    }),
  });
}
