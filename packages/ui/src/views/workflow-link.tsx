/** A workflow's name, leading to it. */
import { Link } from "@tanstack/react-router";

export function WorkflowLink({ workflow: { name } }: { workflow: { name: string } }) {
  return (
    <Link to="/workflows/$workflow" params={{ workflow: name }}>
      {name}
    </Link>
  );
}
