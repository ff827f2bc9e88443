/** Who is signed in, and the way out. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "../services/api-problem.ts";
import { signOut } from "../services/session.ts";
import { showToast } from "../services/toasts.ts";

export function AccountMenu({ name }: { name: string }) {
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => signOut(client),
    onError: (error) => showToast(`You are still signed in: ${asProblem(error).message}`),
  });
  return (
    <>
      <span className="account-name" title={`Signed in as ${name}`}>
        {name}
      </span>
      <Tooltip label={`Log out ${name}`}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Log out"
          loading={leave.isPending}
          onClick={() => leave.mutate()}
        >
          <IconLogout size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
