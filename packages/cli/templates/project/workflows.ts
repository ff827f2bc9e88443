/**
 * A first workflow: every minute it looks into the folder `inbox`, and writes a line into `out/notes.csv` for each note
 * that it finds there. Change it, save, and `npm run dev` runs the new version.
 */
import { join } from "node:path";
import { defineWorkflow, files } from "@millrace/agent";
import { z } from "zod";

/** What is known of a note. A payload that does not fit is refused, when it is published and when it is read. */
const note = z.object({ file: z.string(), firstLine: z.string() });

export const notes = defineWorkflow({
  name: "notes",

  // Events wait in topics until a consumer takes them.
  topics: { "note.found": note },

  // Connectors are the only way to the outside. Each of these two may touch one folder and nothing else.
  connectors: {
    inbox: files({ name: "inbox", root: join(import.meta.dirname, "inbox") }),
    out: files({ name: "out", root: join(import.meta.dirname, "out") }),
  },

  // Producers look at the outside world and publish what they find. They change nothing there.
  producers: (producer) => ({
    lookIntoInbox: producer({
      publishes: ["note.found"],
      schedule: { interval: "1m" },
      async handler(ctx) {
        for (const { name, kind } of await ctx.inbox.list({})) {
          if (kind !== "file" || !name.endsWith(".txt")) continue;
          const text = await ctx.inbox.readText({ path: name });
          if (text === null) continue;
          // What comes in is entered once, so that you can see what became of it: `npx millrace inputs`.
          const input = ctx.registerInput({ source: "inbox", type: "note", externalId: name, title: name });
          // Published again under the same message id it changes nothing: each note is written down once.
          const firstLine = text.split(/\r?\n/, 1)[0] ?? "";
          ctx.publish("note.found", { messageId: name, payload: { file: name, firstLine }, inputs: [input] });
        }
      },
    }),
  }),

  // Consumers act on events, in three steps that are written down one by one.
  consumers: (consumer) => ({
    writeDown: consumer({
      subscribe: ["note.found"],

      // 1. Decide which events this run is about, and what is to be done. Nothing is changed yet.
      async prepare(ctx) {
        const [event] = await ctx.peek("note.found", { limit: 1 });
        if (!event) return { data: { line: "" } };
        const { file, firstLine } = event.payload;
        return {
          reservations: [{ topic: "note.found", ids: [event.id] }],
          data: { line: [file, firstLine].map(quoted).join(",") },
          ui: { title: `Write down ${file}` },
        };
      },

      // 2. One call of a connector. If this process dies in the middle of it, Millrace asks the connector at the next
      // start whether it happened, and never does it twice. Nothing was reserved: this is left out.
      mutate: (ctx, { data }) => ctx.out.appendLine({ path: "notes.csv", line: data.line }),

      // 3. A `next` could publish what follows from it into another topic.
    }),
  }),
});

/** What `npm start` runs. Jobs would go beside the workflows, as `jobHandlers`. */
export default { workflows: [notes] };

/** A field of a CSV file. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
