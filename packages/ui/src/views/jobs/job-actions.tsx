/** What a person can do with a job; what does not go now is not offered. */
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconPencil, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Job } from "../../services/jobs.ts";
import { useMayOperate } from "../../services/session.ts";
import { BackfillDialog } from "./backfill-dialog.tsx";
import { CancelDialog, DeleteDialog, PauseDialog, ResumeDialog, SkipNextDialog } from "./job-dialogs.tsx";
import { RunDialog } from "./run-dialog.tsx";

const dialogs = {
  run: RunDialog,
  pause: PauseDialog,
  resume: ResumeDialog,
  skip: SkipNextDialog,
  backfill: BackfillDialog,
  cancel: CancelDialog,
  delete: DeleteDialog,
} as const;

type Dialog = keyof typeof dialogs;

export function JobActions({ job }: { job: Job }) {
  const [opened, setOpened] = useState<Dialog | null>(null);
  const mayOperate = useMayOperate();
  const isOpen = job.status === "pending" || job.status === "active" || job.status === "paused";
  const canRun = job.status !== "paused" && job.status !== "cancelled";
  const hasTimes = job.type === "cron" || job.type === "recurring";
  const OpenDialog = opened === null ? null : dialogs[opened];
  return (
    <>
      <Button
        leftSection={<IconPlayerPlay size={15} aria-hidden />}
        disabled={!mayOperate || !canRun}
        {...(canRun ? {} : { title: `It is ${job.status}; nothing of it runs` })}
        onClick={() => setOpened("run")}
      >
        Run now…
      </Button>
      {!isOpen ? null : job.status === "paused" ? (
        <Button variant="default" disabled={!mayOperate} onClick={() => setOpened("resume")}>
          Resume…
        </Button>
      ) : (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={15} aria-hidden />}
          disabled={!mayOperate}
          onClick={() => setOpened("pause")}
        >
          Pause…
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconPencil size={15} aria-hidden />}
        renderRoot={(props) => <Link to="/jobs/$job/edit" params={{ job: job.id }} {...props} />}
      >
        Edit
      </Button>
      <Menu position="bottom-end" withInitialFocusPlaceholder={false} withinPortal={false}>
        <Menu.Target>
          <Button variant="default" disabled={!mayOperate} rightSection={<IconChevronDown size={14} aria-hidden />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {job.nextRun === null ? null : <Menu.Item onClick={() => setOpened("skip")}>Skip the next run…</Menu.Item>}
          {hasTimes ? <Menu.Item onClick={() => setOpened("backfill")}>Make up for past runs…</Menu.Item> : null}
          {isOpen ? <Menu.Item onClick={() => setOpened("cancel")}>Cancel…</Menu.Item> : null}
          <Menu.Item color="red.8" onClick={() => setOpened("delete")}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {OpenDialog === null ? null : <OpenDialog job={job} onClose={() => setOpened(null)} />}
    </>
  );
}
