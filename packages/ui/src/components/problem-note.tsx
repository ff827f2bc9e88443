/** What went wrong, in place and read out: for the answer to something that somebody just did. */
import "./states.css";
import { IconAlertTriangle } from "@tabler/icons-react";
import { asProblem } from "../services/api-problem.ts";

export function ProblemNote({ error }: { error: unknown }) {
  const problem = asProblem(error);
  return (
    <div className="problem-note" role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <strong>{problem.title}</strong>
        {problem.message === problem.title ? null : <p>{problem.message}</p>}
        {problem.faults.length === 0 ? null : (
          <ul>
            {problem.faults.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path === "" ? null : <code>{path}</code>} {message}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
