/** `/login`: asks for a token where the printed address's one-time login was not used or has ended. */
import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import { PageHeader } from "../components/page-header.tsx";
import { ProblemNote } from "../components/problem-note.tsx";
import { useFilters } from "../services/filters.ts";
import { signIn } from "../services/session.ts";

export function LoginView() {
  const [{ to }] = useFilters(["to"]);
  const [token, setToken] = useState("");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const client = useQueryClient();
  const navigate = useNavigate();

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setPending(true);
    setError(null);
    try {
      await signIn(client, { token: token.trim() });
      await navigate({ href: localPath(to), replace: true });
    } catch (reason) {
      setError(reason);
    } finally {
      setPending(false);
    }
  };

  return (
    <div>
      <PageHeader
        title="Sign in to Millrace"
        description="Open the address that the host printed when it started, or enter its access token here."
      />
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <PasswordInput
          label="Access token"
          value={token}
          onChange={({ currentTarget }) => setToken(currentTarget.value)}
          autoComplete="current-password"
          required
        />
        {error === null ? null : <ProblemNote error={error} />}
        <Button type="submit" loading={pending} disabled={token.trim() === ""}>
          Sign in
        </Button>
      </form>
    </div>
  );
}

/** Only an address of the dashboard itself: a link must not send anybody elsewhere after signing in. */
function localPath(address: string | undefined): string {
  return address !== undefined && /^\/(?![/\\])/.test(address) ? address : "/";
}
