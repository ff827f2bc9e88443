/** How an input stands, in words, and whom it waits for. */
import { Link } from "@tanstack/react-router";
import type { Tone } from "../../components/tones.ts";
import type { InputStory } from "../../services/inputs.ts";
import { StateBanner } from "../state-banner.tsx";

const standings: Record<InputStory["state"], { tone: Tone; title: string; text: string }> = {
  waiting: {
    tone: "neutral",
    title: "More to come",
    text: "A consumer has still to take an event of it. Some take them at once, others gather them until a set time.",
  },
  in_progress: {
    tone: "info",
    title: "In progress",
    text: "A run works on it now, or its outcome is being found out.",
  },
  needs_attention: { tone: "warning", title: "Waiting for you", text: "It goes no further before a person decides." },
  done: { tone: "success", title: "All done", text: "Everything that came of it is dealt with." },
  skipped: { tone: "neutral", title: "Skipped", text: "A person decided that nothing more is done because of it." },
};

export function InputStanding({ story: { state, outputs, input } }: { story: InputStory }) {
  const { tone, title, text } = standings[state];
  const open = outputs.filter(
    ({ status, resolution }) => status === "pending" || (status === "indeterminate" && resolution === null),
  );
  return (
    <StateBanner tone={tone} title={title}>
      {text}
      {state === "needs_attention" ? (
        <ul className="plain-list">
          {open.map((output) => (
            <li key={output.id}>
              <Link to="/outputs/$output" params={{ output: output.id }}>
                Decide about “{output.title}”
              </Link>
            </li>
          ))}
          {open.length === 0 ? (
            <li>
              <Link to="/attention" search={{ workflow: input.workflow.name }}>
                See what needs you
              </Link>
            </li>
          ) : null}
        </ul>
      ) : null}
    </StateBanner>
  );
}
