/** Something for all jobs that match the filters: first how many that are, then a question, then what came of it. */
import "./jobs.css";
import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { formatCount, formatNoun } from "../../format/numbers.ts";
import { actOnJobs, type BulkJobAction, type JobAction, type JobFilters } from "../../services/jobs.ts";
import { useMayOperate } from "../../services/session.ts";
import { BulkResult } from "./bulk-result.tsx";
import { BULK_WORDS } from "./bulk-words.ts";

export function BulkActions({ filters }: { filters: JobFilters }) {
  const [action, setAction] = useState<JobAction | null>(null);
  const [result, setResult] = useState<{ action: JobAction; outcome: BulkJobAction } | null>(null);
  const mayOperate = useMayOperate();
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <div className="bulk-bar">
        <Menu position="bottom-start" withInitialFocusPlaceholder={false} withinPortal={false}>
          <Menu.Target>
            <Button
              variant="default"
              size="xs"
              disabled={!mayOperate}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              {isFiltered ? "For all that match…" : "For all jobs…"}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {(Object.keys(BULK_WORDS) as JobAction[]).map((choice) => (
              <Menu.Item key={choice} onClick={() => setAction(choice)}>
                {BULK_WORDS[choice].verb}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {result === null ? null : <BulkResult {...result} onDismiss={() => setResult(null)} />}
      {action === null ? null : (
        <BulkDialog
          action={action}
          filters={filters}
          onClose={() => setAction(null)}
          onDone={(outcome) => setResult({ action, outcome })}
        />
      )}
    </>
  );
}

interface BulkDialogProps {
  action: JobAction;
  filters: JobFilters;
  onClose: () => void;
  onDone: (outcome: BulkJobAction) => void;
}

function BulkDialog({ action, filters, onClose, onDone }: BulkDialogProps) {
  const { verb, consequences, danger } = BULK_WORDS[action];
  // Counted when the dialog opens, and not anew by itself: what is confirmed is what was read.
  const count = useQuery({
    queryKey: ["jobs-dry-run", action, filters],
    queryFn: () => actOnJobs(action, filters, true),
    gcTime: 0,
    staleTime: Infinity,
  });
  const matched = count.data?.matched ?? 0;
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`${verb}: all jobs that match`}
      consequences={consequences}
      confirm={`${verb} ${formatNoun(matched, "job")}`}
      danger={danger}
      disabled={matched === 0}
      action={async () => onDone(await actOnJobs(action, filters, false))}
      success="Done. What came of it stands above the list."
    >
      <QueryState query={count} height={120} lines={4}>
        {(found) => <Matches found={found} />}
      </QueryState>
    </ConfirmDialog>
  );
}

function Matches({ found: { matched, examples, truncated } }: { found: BulkJobAction }) {
  const others = matched - examples.length;
  return (
    <div>
      <p style={{ margin: "0 0 4px" }}>
        <strong>{formatNoun(matched, "job matches", "jobs match")} the filters.</strong>
        {truncated ? " More match than one action takes: do it again for the rest." : null}
      </p>
      <ul className="bulk-examples">
        {examples.map(({ id, name, schedule }) => (
          <li key={id}>
            {name} <span className="soft">{schedule}</span>
          </li>
        ))}
        {others > 0 ? <li className="soft">and {formatCount(others)} more</li> : null}
      </ul>
    </div>
  );
}
