/** A host in a process of its own, so that its caller does not share its processor: prints its address, ends on SIGTERM. */
import { createEngine, defineWorkflow } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { createHost } from "millrace";
import { z } from "zod";

const [location = "", token = ""] = process.argv.slice(2);

const orders = defineWorkflow({
  name: "orders",
  topics: { ordered: z.object({ order: z.string(), note: z.string() }) },
  consumers: (consumer) => ({
    ship: consumer({
      subscribe: ["ordered"],
      // Looks at nothing, so that only publishing is measured.
      async prepare() {
        return { reservations: [], data: null };
      },
    }),
  }),
});

const database = await openDatabase(location);
const engine = createEngine({ database, workflows: [orders] });
await engine.start();
const host = createHost({ engine, database, port: 0, token });
const { url } = await host.start();
process.stdout.write(`${JSON.stringify({ url })}\n`);
await new Promise((resolve) => process.once("SIGTERM", resolve));
await host.stop();
await engine.stop();
await database.close();
