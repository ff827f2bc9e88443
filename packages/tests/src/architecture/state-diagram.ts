/** Draws the state machine of runs, from the table that the engine runs on, into ARCHITECTURE.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { TRANSITIONS } from "@millrace/agent";

const DOCUMENT = new URL("../../../../ARCHITECTURE.md", import.meta.url);
const BEGIN = "<!-- state diagram: begin (pnpm diagram) -->";
const END = "<!-- state diagram: end -->";

/** The diagram in Mermaid's notation: an active run is drawn by its phase, any other by its status. */
export function drawStateDiagram(): string {
  const lines = ["```mermaid", "stateDiagram-v2", "  [*] --> executing: producer", "  [*] --> preparing: consumer"];
  for (const [event, { from, to }] of Object.entries(TRANSITIONS)) {
    for (const source of from) {
      for (const target of to) lines.push(`  ${name(source)} --> ${name(target)}: ${event}`);
    }
  }
  const names = FAILURES.map((status) => status.replace(":", ".")).join(", ");
  return [...new Set(lines), `  note right of failure: ${names} (by the class of the error)`, "```"].join("\n");
}

/** ARCHITECTURE.md with the diagram of today in it. @throws Error when the document has no place for it */
export function withDiagram(document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`ARCHITECTURE.md lacks the lines ${BEGIN} and ${END}.`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${drawStateDiagram()}\n\n${document.slice(end)}`;
}

export function readArchitecture(): string {
  return readFileSync(DOCUMENT, "utf8");
}

const FAILURES = ["paused:transient", "paused:approval", "failed:logic", "failed:internal"];

function name(state: string): string {
  const [phase = "", status = ""] = state.split("/");
  if (status === "active" || status === "committed") return phase;
  if (phase === "prepared" && status === "paused:approval") return "awaiting_approval";
  return FAILURES.includes(status) ? "failure" : status.replace(":", "_");
}

if (process.argv[2] === "--write") writeFileSync(DOCUMENT, withDiagram(readArchitecture()));
